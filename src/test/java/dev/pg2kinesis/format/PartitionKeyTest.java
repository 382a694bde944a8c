package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.committed;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionKeyTest {

  private static final Row ROW = row(cell("id", "integer", "7"), cell("v", "text", "x"));

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void keys(PartitionKey key, String id, Change change, String expected) {
    assertThat(key.of(committed(change), "slot_a")).isEqualTo(expected);
  }

  static Stream<Arguments> keys() {
    return Stream.of(
        byRow("row", insert("public.t", "id", ROW), "public.t|7"),
        byRow("no key", insert("public.t", "", ROW), "public.t"),
        byRow(
            "columns in key order",
            insert("public.t", "b,a", row(cell("a", "text", "1"), cell("b", "text", "2"))),
            "public.t|2|1"),
        byRow(
            "bar and backslash in values",
            insert("public.t", "a,b", row(cell("a", "text", "x|y\\"), cell("b", "text", ""))),
            "public.t|x\\|y\\\\|"),
        byRow(
            "dots in names",
            new Truncate(Given.LSN, new TableName("a.b", "c|d"), false, false),
            "a\\.b.c\\|d"),
        byRow("truncate", truncate("public.t"), "public.t"),
        byRow("message", message("audit|x", "c"), "message|audit\\|x"),
        byRow("message without a prefix", message("", "c"), "message|"),
        Arguments.of(PartitionKey.TABLE, "row", insert("public.t", "id", ROW), "public.t"),
        Arguments.of(PartitionKey.TABLE, "truncate", truncate("public.t"), "public.t"),
        Arguments.of(PartitionKey.TABLE, "message", message("p", "c"), "message|p"),
        Arguments.of(PartitionKey.TRANSACTION, "row", insert("public.t", "id", ROW), "766"),
        Arguments.of(PartitionKey.TRANSACTION, "message", message("p", "c"), "766"),
        Arguments.of(PartitionKey.CONSTANT, "row", insert("public.t", "id", ROW), "slot_a"));
  }

  private static Arguments byRow(String id, Change change, String expected) {
    return Arguments.of(PartitionKey.PRIMARY_KEY, id, change, expected);
  }

  /** Whatever the replica identity shows of a row, its changes have one key. */
  @ParameterizedTest(name = "{0}")
  @MethodSource
  void oneRowHasOneKey(String identity, Change... changes) {
    assertThat(Stream.of(changes).map(change -> primaryKey(change)).distinct()).hasSize(1);
  }

  static Stream<Arguments> oneRowHasOneKey() {
    Row keyed = row(cell("id", "integer", "7"), cell("v", "text", "x"));
    Row toastedKey = row(cell("id", "text", Value.UNCHANGED), cell("v", "text", "y"));
    Row key = row(cell("id", "integer", "7"));
    return Stream.of(
        rows(
            "DEFAULT",
            insert("s.t", "id", keyed),
            update("s.t", "id", null, keyed),
            delete("s.t", "id", key)),
        rows(
            "DEFAULT with a TOASTed key, which the old row shows when the new one does not",
            insert("s.t", "id", keyed),
            update("s.t", "id", key, toastedKey),
            delete("s.t", "id", key)),
        rows(
            "USING INDEX, whose columns are the key",
            insert("s.t", "v", keyed),
            update("s.t", "v", null, row(cell("id", "integer", "8"), cell("v", "text", "x"))),
            delete("s.t", "v", row(cell("v", "text", "x")))),
        rows(
            "FULL with a primary key",
            insert("s.t", "id", keyed),
            update("s.t", "id", keyed, row(cell("id", "integer", "7"), cell("v", "text", "y"))),
            update("s.t", "id", keyed, toastedKey),
            delete("s.t", "id", keyed)),
        rows(
            "FULL without a key",
            insert("s.t", "", keyed),
            update("s.t", "", keyed, row(cell("id", "integer", "8"), cell("v", "text", "y"))),
            delete("s.t", "", keyed)),
        rows(
            "NOTHING, under which a delete does not say which row it deletes",
            insert("s.t", "id", keyed),
            update("s.t", "id", null, keyed)));
  }

  private static Arguments rows(String identity, Change... changes) {
    return Arguments.of(identity, changes);
  }

  @Test
  void aKeyThatDoesNotShowFallsBackToTheTable() {
    assertThat(primaryKey(update("s.t", "id", null, row(cell("id", "text", Value.UNCHANGED)))))
        .isEqualTo("s.t");
    assertThat(primaryKey(insert("s.t", "id", row(cell("id", "text", Value.NULL)))))
        .isEqualTo("s.t");
    assertThat(primaryKey(delete("s.t", "id", row()))).isEqualTo("s.t");
  }

  @Test
  void differentRowsHaveDifferentKeys() {
    assertThat(
            Stream.of(
                    insert("a.b", "x,y", row(cell("x", "text", "1|2"), cell("y", "text", "3"))),
                    insert("a.b", "x,y", row(cell("x", "text", "1"), cell("y", "text", "2|3"))),
                    insert("a.b", "x,y", row(cell("x", "text", "1\\"), cell("y", "text", "2|3"))),
                    insert("a.b", "x", row(cell("x", "text", "1|2|3"))),
                    insert("a.b|1", "x,y", row(cell("x", "text", "2"), cell("y", "text", "3"))),
                    insert("a.b", "x", row(cell("x", "text", ""))),
                    insert("a.b", "", row(cell("x", "text", ""))))
                .map(PartitionKeyTest::primaryKey))
        .doesNotHaveDuplicates();
  }

  @Test
  void longKeysKeepAPrefixAndEndInAHash() {
    String long1 = primaryKey(insert("s.t", "id", row(cell("id", "text", "x".repeat(300)))));
    String long2 = primaryKey(insert("s.t", "id", row(cell("id", "text", "x".repeat(301)))));
    assertThat(long1).hasSize(256).startsWith("s.t|xxx");
    assertThat(long2).hasSize(256).isNotEqualTo(long1);
    assertThat(primaryKey(insert("s.t", "id", row(cell("id", "text", "x".repeat(252))))))
        .isEqualTo("s.t|" + "x".repeat(252));
  }

  @Test
  void longKeysAreNeverCutThroughACharacter() {
    for (int offset = 0; offset < 4; offset++) {
      String text = "x".repeat(offset) + "😀".repeat(200);
      String key = primaryKey(insert("s.t", "id", row(cell("id", "text", text))));
      assertThat(key.length()).isBetween(255, 256);
      assertThat(key.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)).isFalse();
    }
  }

  private static String primaryKey(Change change) {
    return PartitionKey.PRIMARY_KEY.of(committed(change), "slot_a");
  }
}

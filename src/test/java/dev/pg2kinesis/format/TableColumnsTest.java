package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.ColumnRulesTest.rules;
import static dev.pg2kinesis.format.Given.COMMIT;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.table;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Columns that are left out, masked, or make the partition key. */
class TableColumnsTest {

  private static final byte[] KEY = "k".repeat(32).getBytes(StandardCharsets.UTF_8);

  private static final Row USER = user("1", "ada@example.com", "Ada");

  private static Row user(String id, String email, String name) {
    return row(
        cell("id", "integer", id),
        cell("email", "character varying", email),
        cell("name", "text", name));
  }

  private static Row order(String id, Value customer, String item) {
    return row(
        cell("id", "integer", id),
        cell("customer", "integer", customer),
        cell("item", "text", item));
  }

  private static TableColumns columns(ColumnRules rules) {
    return Objects.requireNonNull(TableColumns.of(table("public.t"), rules, new Masker(KEY)));
  }

  private static String hmac(String text) {
    Value masked =
        new Masker(KEY).masked(new Mask.Hmac(), new Column("c", "text").type(), Value.of(text));
    return ((Value.Text) masked).text();
  }

  private static List<String> made(Format format, ColumnRules rules, Change... changes) {
    return made(format, rules, StreamRecord::partitionKey, changes);
  }

  private static <T> List<T> made(
      Format format, ColumnRules rules, Function<StreamRecord, T> of, Change... changes) {
    RecordMaker records = new RecordMaker(plan(format), rules, new Masker(KEY));
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    List<StreamRecord> made = new ArrayList<>();
    for (Change change : changes) {
      transaction.accept(change, made::add);
    }
    return made.stream().map(of).toList();
  }

  private static String text(StreamRecord streamRecord) {
    return new String(streamRecord.payload(), StandardCharsets.UTF_8);
  }

  private static RecordMaker.Plan plan(Format format) {
    return new RecordMaker.Plan(
        format.formatter(Given.EVERYTHING),
        PartitionKey.PRIMARY_KEY,
        ChangeFilter.ALL,
        Oversize.FAIL,
        1 << 20,
        "slot_a");
  }

  // ------------------------------------------------------------- left out

  @Test
  void excludedColumnsAreInNeitherRow() {
    TableColumns columns = columns(rules("*.*.email, *.*.name", "", ""));

    RowChange shaped = columns.shaped(update("public.t", "id", USER, user("1", "b", "B")));

    assertThat(shaped)
        .isEqualTo(
            update(
                "public.t",
                "id",
                row(cell("id", "integer", "1")),
                row(cell("id", "integer", "1"))));
  }

  @Test
  void rowsWithoutSuchColumnsAreTheSameObjects() {
    TableColumns columns = columns(rules("*.*.other", "*.*.another=redact", ""));
    RowChange change = update("public.t", "id", USER, USER);

    assertThat(columns.shaped(change)).isSameAs(change);
  }

  @Test
  void rowsOfTheSameColumnsShareTheirList() {
    TableColumns columns = columns(rules("", "*.*.name=redact", ""));

    Row first = Objects.requireNonNull(columns.shaped(insert("public.t", "id", USER)).after());
    Row second =
        Objects.requireNonNull(
            columns.shaped(insert("public.t", "id", user("2", "x", "y"))).after());

    assertThat(second.columns()).isSameAs(first.columns());
  }

  @Test
  void aTableThatIsAlteredIsLookedAtAgain() {
    TableColumns columns = columns(rules("", "*.*.name=last:1", ""));
    columns.shaped(insert("public.t", "id", USER));
    Change altered =
        insert("public.t", "id", row(cell("id", "integer", "1"), cell("name", "jsonb", "{}")));

    assertThatThrownBy(() -> columns.shaped((RowChange) altered))
        .isInstanceOf(ColumnsRefusedException.class)
        .hasMessageContaining("name of type jsonb");
  }

  @Test
  void aKeyThatIsAlteredIsLookedAtAgain() {
    TableColumns columns = columns(rules("*.*.email", "", ""));
    columns.shaped(insert("public.t", "id", USER));

    assertThatThrownBy(() -> columns.shaped(insert("public.t", "email", USER)))
        .isInstanceOf(ColumnsRefusedException.class)
        .hasMessageContaining("EXCLUDE_COLUMNS leaves out email, a key column");
  }

  /** Without a key no column is needed; with REPLICA IDENTITY FULL the old row loses it too. */
  @Test
  void aTableWithoutAKeyMayLoseEveryColumn() {
    List<String> records =
        made(
            Format.DEBEZIUM,
            rules("*.*.*", "", ""),
            TableColumnsTest::text,
            update("public.t", "", USER, USER),
            delete("public.t", "", USER));

    assertThat(records.get(0)).startsWith("{\"before\":null,\"after\":{},");
    assertThat(records.get(1)).startsWith("{\"before\":null,\"after\":null,");
  }

  @ParameterizedTest
  @EnumSource
  void refusesToLeaveOutAKeyColumnBeforeTheFirstRecord(Format format) {
    List<StreamRecord> made = new ArrayList<>();
    RecordMaker.Transaction transaction =
        new RecordMaker(plan(format), rules("public.t.*", "", ""), new Masker(null)).begin(COMMIT);
    transaction.accept(insert("public.other", "id", USER), made::add);

    assertThatThrownBy(() -> transaction.accept(insert("public.t", "id", USER), made::add))
        .isInstanceOf(ColumnsRefusedException.class)
        .hasMessage(
            "COLUMNS_REFUSED: the settings do not fit the table public.t: EXCLUDE_COLUMNS leaves"
                + " out id, a key column. Correct them. Everything before the change was"
                + " published; the slot has not moved past it.");
    assertThat(made).hasSize(1);
    assertThatThrownBy(
            () ->
                transaction.accept(
                    delete("public.t", "id", row(cell("id", "integer", "1"))), made::add))
        .isInstanceOf(ColumnsRefusedException.class);
    assertThat(made).hasSize(1);
  }

  @Test
  void allThatDoesNotFitIsSaidAtOnce() {
    assertThatThrownBy(
            () ->
                made(
                    Format.DEBEZIUM,
                    rules("*.*.id", "*.*.n=last:4,*.*.k=redact,*.*.c=truncate:1", "t:c,gone"),
                    insert(
                        "public.t",
                        "id,k",
                        row(
                            cell("id", "integer", "1"),
                            cell("k", "uuid", "2"),
                            cell("n", "numeric", "3"),
                            cell("c", "text", "4")))))
        .isInstanceOf(ColumnsRefusedException.class)
        .hasMessageContaining(
            "the table public.t: EXCLUDE_COLUMNS leaves out id, a key column;"
                + " MASK_COLUMNS has redact for k, a key column, which only hmac fits;"
                + " MASK_COLUMNS has last:4 for n of type numeric, which only redact and hmac fit;"
                + " MASK_COLUMNS has truncate:1 for c, a column of KEY_COLUMNS, which only hmac"
                + " fits; KEY_COLUMNS names gone, and the table has or publishes no such column.");
  }

  @Test
  void whatIsFilteredIsNotLookedAt() {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                Format.CSV.formatter(Given.TEST_DECODING),
                PartitionKey.PRIMARY_KEY,
                new ChangeFilter(
                    TablePatterns.parse("*"),
                    TablePatterns.parse("t"),
                    ChangeFilter.ALL.operations()),
                Oversize.FAIL,
                1 << 20,
                "s"),
            rules("*.*.*", "", ""),
            new Masker(null));

    records.begin(COMMIT).accept(insert("public.t", "id", USER), made -> {});

    assertThat(records.filtered()).isOne();
  }

  // --------------------------------------------------------------- masked

  @Test
  void maskedColumnsAreTextInEveryRow() {
    TableColumns columns = columns(rules("", "*.*.id=hmac,*.*.email=last:4,*.*.name=redact", ""));

    RowChange shaped =
        columns.shaped(
            update(
                "public.t",
                "id",
                USER,
                row(
                    cell("id", "integer", "2"),
                    cell("email", "character varying", Value.NULL),
                    cell("name", "text", Value.UNCHANGED))));

    assertThat(shaped)
        .isEqualTo(
            update(
                "public.t",
                "id",
                row(
                    cell("id", "text", hmac("1")),
                    cell("email", "text", "***.com"),
                    cell("name", "text", "***")),
                row(
                    cell("id", "text", hmac("2")),
                    cell("email", "text", Value.NULL),
                    cell("name", "text", Value.UNCHANGED))));
  }

  @Test
  void aMaskedKeyIsMaskedInThePartitionKeyAndStillSplits() {
    ColumnRules rules = rules("", "*.*.id=hmac", "");
    RowChange keyChange =
        update("public.t", "id", row(cell("id", "integer", "1")), user("2", "e", "n"));

    assertThat(made(Format.DEBEZIUM, rules, insert("public.t", "id", USER), keyChange))
        .containsExactly("public.t|" + hmac("1"), "public.t|" + hmac("1"), "public.t|" + hmac("2"));
    assertThat(made(Format.CSV, rules, TableColumnsTest::text, keyChange))
        .containsExactly("0,CDC,766,public.t,UPDATE," + hmac("2"));
  }

  // -------------------------------------------------------- partition key

  @Test
  void rowsOfOneCustomerHaveOneKey() {
    ColumnRules rules = rules("", "", "public.t: customer");

    assertThat(
            made(
                Format.DEBEZIUM,
                rules,
                insert("public.t", "id", order("1", Value.of("7"), "a")),
                insert("public.t", "id", order("2", Value.of("7"), "b")),
                insert("public.t", "id", order("3", Value.NULL, "c")),
                insert("public.other", "id", order("4", Value.of("7"), "d")),
                truncate("public.t")))
        .containsExactly("public.t|7", "public.t|7", "public.t", "public.other|4", "public.t");
  }

  @Test
  void severalColumnsFollowInTheOrderOfTheSetting() {
    assertThat(
            made(
                Format.CSV,
                rules("", "", "t: item, customer"),
                insert("public.t", "id", order("1", Value.of("7"), "a|b"))))
        .containsExactly("public.t|a\\|b|7");
  }

  /** As a change of the row's key, in each format; a change from or to NULL too. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "NULL",
      value = {"7, 8", "7, NULL", "NULL, 8"})
  void aChangeOfTheValueYieldsWhatAChangeOfTheKeyDoes(String old, String now) {
    ColumnRules rules = rules("", "", "t: customer");
    Change change =
        update("public.t", "id", order("1", value(old), "a"), order("1", value(now), "a"));

    for (Format format : Format.values()) {
      List<String> keys = made(format, rules, change);
      boolean splits = format.formatter(Given.EVERYTHING).splitsKeyChanges();
      assertThat(keys).isEqualTo(splits ? List.of(key(old), key(now)) : List.of(key(now)));
    }
    List<String> texts = made(Format.DEBEZIUM, rules, TableColumnsTest::text, change);
    assertThat(texts.get(0)).contains("\"after\":null").contains("\"op\":\"d\"");
    assertThat(texts.get(1)).startsWith("{\"before\":null").contains("\"op\":\"c\"");
  }

  private static Value value(String text) {
    return text == null ? Value.NULL : Value.of(text);
  }

  private static String key(String customer) {
    return customer == null ? "public.t" : "public.t|" + customer;
  }

  @Test
  void anUnchangedValueIsNotSplitAndIsTakenFromTheOldRow() {
    Row old = order("1", Value.of("7"), "a");

    assertThat(
            made(
                Format.DEBEZIUM,
                rules("", "", "t: customer"),
                update("public.t", "id", old, order("1", Value.of("7"), "b")),
                update("public.t", "id", old, order("1", Value.UNCHANGED, "b"))))
        .containsExactly("public.t|7", "public.t|7");
  }

  @Test
  void aChangeOfTheRowsKeySplitsToo() {
    assertThat(
            made(
                Format.DEBEZIUM,
                rules("", "", "t: customer"),
                update(
                    "public.t",
                    "id",
                    order("1", Value.of("7"), "a"),
                    order("2", Value.of("7"), "a"))))
        .containsExactly("public.t|7", "public.t|7");
  }

  /** An update without an old row kept every column of the replica identity. */
  @Test
  void aPartOfTheKeyNeedsNoOldRow() {
    assertThat(
            made(
                Format.DEBEZIUM,
                rules("", "", "t: customer"),
                update("public.t", "customer,id", null, order("1", Value.of("7"), "a")),
                delete(
                    "public.t",
                    "customer,id",
                    row(cell("id", "integer", "1"), cell("customer", "integer", "7")))))
        .containsExactly("public.t|7", "public.t|7");
  }

  @ParameterizedTest
  @EnumSource
  void refusesAChangeThatDoesNotShowTheOldValue(Format format) {
    ColumnRules rules = rules("", "", "t: customer");
    Row key = row(cell("id", "integer", "1"));
    Row now = order("2", Value.of("7"), "a");
    assertThat(made(format, rules, insert("public.t", "id", now))).containsExactly("public.t|7");

    for (RowChange change :
        List.of(
            update("public.t", "id", null, now),
            update("public.t", "id", key, now),
            delete("public.t", "id", key),
            delete("public.t", "id", Row.EMPTY))) {
      assertThatThrownBy(() -> made(format, rules, change))
          .isInstanceOf(ColumnsRefusedException.class)
          .hasMessageStartingWith(
              "OLD_KEY_UNKNOWN: KEY_COLUMNS names customer of public.t, and its old value is not in"
                  + " the WAL of an "
                  + change.operation())
          .hasMessageContaining("REPLICA IDENTITY FULL");
    }
  }

  @Test
  void aMaskedColumnOfTheKeyIsMaskedInThePartitionKey() {
    ColumnRules rules = rules("", "*.*.customer=hmac", "t: customer");

    assertThat(
            made(
                Format.DEBEZIUM,
                rules,
                update(
                    "public.t",
                    "id",
                    order("1", Value.of("7"), "a"),
                    order("1", Value.of("8"), "a"))))
        .containsExactly("public.t|" + hmac("7"), "public.t|" + hmac("8"));
  }

  @Test
  void aColumnOfTheKeyIsNotLeftOut() {
    assertThatThrownBy(
            () ->
                made(
                    Format.DEBEZIUM,
                    rules("*.*.customer", "", "t: customer"),
                    insert("public.t", "id", order("1", Value.of("7"), "a"))))
        .isInstanceOf(ColumnsRefusedException.class)
        .hasMessageContaining("EXCLUDE_COLUMNS leaves out customer, a column of KEY_COLUMNS");
  }

  @Test
  void dmsNamesWhatThePartitionKeyIs() {
    Formatter formatter =
        Format.DMS.formatter(
            new FormatContext(
                "shop",
                "s",
                "1.0.0",
                false,
                new DmsOptions(
                    PartitionKey.PRIMARY_KEY,
                    PartitionColumns.parse("public.t:customer"),
                    DmsOptions.DEFAULT.included())));

    assertThat(Given.formatted(formatter, insert("public.t", "id", USER)))
        .contains("\"partition-key-type\":\"attribute-name\"");
    assertThat(Given.formatted(formatter, insert("public.u", "id", USER)))
        .contains("\"partition-key-type\":\"primary-key\"");
  }

  @Test
  void rowsThatASnapshotReadAreShapedToo() {
    RecordMaker records =
        new RecordMaker(
            plan(Format.FLAT),
            rules("*.*.item", "*.*.customer=hmac", "t: customer"),
            new Masker(KEY));

    StreamRecord read =
        Objects.requireNonNull(
            records.read(COMMIT, insert("public.t", "id", order("1", Value.of("7"), "a"))));

    assertThat(read.partitionKey()).isEqualTo("public.t|" + hmac("7"));
    assertThat(text(read))
        .startsWith("{\"id\":1,\"customer\":\"" + hmac("7") + "\",\"__deleted\":");
    assertThatThrownBy(
            () ->
                new RecordMaker(plan(Format.FLAT), rules("*.*.id", "", ""), new Masker(null))
                    .read(COMMIT, insert("public.t", "id", USER)))
        .isInstanceOf(ColumnsRefusedException.class);
  }
}

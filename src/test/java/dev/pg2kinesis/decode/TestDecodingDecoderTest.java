package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TestDecodingDecoderTest {

  private static final Lsn LSN = Lsn.parse("FFFFFFFF/B374D848");

  private static final Catalog CATALOG =
      new Catalog(
          Map.of(
              new TableName("public", "t"),
              KnownTable.withKey("id").build(),
              new TableName("public", "pair"),
              KnownTable.withKey("b", "a").build(),
              new TableName("public", "whole"),
              KnownTable.withKey("id")
                  .full()
                  .columns(
                      List.of(
                          new Column("id", "integer"),
                          new Column("a", "text"),
                          new Column("b", "text")))
                  .build()),
          Map.of());

  static List<Block> grammar() {
    return Block.read("test_decoding.txt");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("grammar")
  void reads(Block block) {
    assertThat(text(decode(new TestDecodingDecoder(CATALOG), block.row('>'))))
        .isEqualTo(block.all('<'));
  }

  static List<Block> malformed() {
    return Block.read("test_decoding-malformed.txt");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void refuses(Block block) {
    assertThatThrownBy(() -> decode(new TestDecodingDecoder(CATALOG), block.row('>')))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("test_decoding row at " + LSN)
        .hasMessageContaining(block.one('!'))
        .hasMessageContaining(" at byte " + block.one('@') + ".");
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    byte[] row = bytes("table public.t: INSERT: a[text]:'xé'");
    row[row.length - 2] = 'x';

    assertThatThrownBy(
            () -> new TestDecodingDecoder(CATALOG).decode(new RawRow(LSN, 1, row), change -> {}))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("text in UTF-8");
  }

  /** Row, and the commit it is; "-" for none. */
  static Stream<Arguments> commits() {
    return Stream.of(
        arguments("BEGIN 748", "-"),
        arguments("table public.t: INSERT: a[text]:'\nCOMMIT 1 (at 2026-01-31 12:34:56+00)'", "-"),
        arguments("message: transactional: 1 prefix: COMMIT 1, sz: 0 content:", "-"),
        arguments(
            "COMMIT 748 (at 2026-01-31 12:34:56.789+00)",
            "748 FFFFFFFF/B374D848 2026-01-31T12:34:56.789Z"),
        arguments(
            "COMMIT 4294967295 (at 2026-01-31 12:34:56.000001+05:45)",
            "4294967295 FFFFFFFF/B374D848 2026-01-31T06:49:56.000001Z"),
        arguments(
            "COMMIT 3 (at 10000-02-29 23:59:59-03:30:30)",
            "3 FFFFFFFF/B374D848 +10000-03-01T03:30:29Z"),
        arguments(
            "message: transactional: 0 prefix: p, sz: 2 content:hi", "7 FFFFFFFF/B374D848 null"));
  }

  @ParameterizedTest
  @MethodSource("commits")
  void findsTheEndOfATransactionByTheRowAlone(String row, String expected) {
    Commit commit = TestDecodingDecoder.commitOf(new RawRow(LSN, 7, bytes(row)));

    assertThat(commit == null ? "-" : commit.xid() + " " + commit.lsn() + " " + commit.time())
        .isEqualTo(expected);
  }

  static Stream<Arguments> malformedCommits() {
    return Stream.of(
        arguments("COMMIT", "'COMMIT '"),
        arguments("COMMIT PREPARED 'x', txid 1", "a transaction id"),
        arguments("COMMIT 1", "' (at '"),
        arguments("COMMIT 1 (at 2026-02-30 00:00:00+00)", "a commit time"),
        arguments("COMMIT 1 (at 2026-01-31 00:00:00.1234567+00)", "a commit time"),
        arguments("COMMIT 1 (at 2026-01-31 00:00:00)", "'+'"),
        arguments("COMMIT 1 (at Sat Jan 31 00:00:00 2026 UTC)", "a commit time"),
        arguments("COMMIT 1 (at 2026-01-31 00:00:00+00) ", "the end of the row"),
        arguments("message: transactional: 2", "'0'"));
  }

  @ParameterizedTest
  @MethodSource("malformedCommits")
  void refusesAnEndThatCannotBeRead(String row, String expected) {
    assertThatThrownBy(() -> TestDecodingDecoder.commitOf(new RawRow(LSN, 7, bytes(row))))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("expected " + expected);
  }

  @Test
  void readsTheCommitTimeToTheMicrosecond() {
    Commit commit =
        TestDecodingDecoder.commitOf(
            new RawRow(LSN, 7, bytes("COMMIT 7 (at 1999-12-31 23:59:59.999999+00)")));

    assertThat(commit).isEqualTo(new Commit(7, LSN, Instant.parse("1999-12-31T23:59:59.999999Z")));
  }

  @Test
  void rowsOfTheSameColumnsShareTheirList() {
    Decoder decoder = new TestDecodingDecoder(CATALOG);
    Row first = after(decode(decoder, "table public.t: INSERT: id[integer]:1 a[text]:'x'"));
    Row other = after(decode(decoder, "table public.t: INSERT: id[integer]:1 a[text[]]:'{}'"));
    Row again = after(decode(decoder, "table public.t: UPDATE: id[integer]:2 a[text]:null"));

    assertThat(again.columns()).isSameAs(first.columns()).isNotEqualTo(other.columns());
  }

  /** Every subset of 15 columns as an old row is 32,768 lists of columns. */
  @Test
  void anyCombinationOfNullsIsReadAndNotRememberedForEver() {
    Decoder decoder = new TestDecodingDecoder(Catalog.EMPTY);
    for (int subset = 0; subset < 1 << 15; subset++) {
      StringBuilder row = new StringBuilder("table public.t: DELETE:");
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        if ((subset & 1 << i) != 0) {
          row.append(" c").append(i).append("[integer]:").append(i);
          expected.add("c" + i);
        }
      }
      RowChange change = (RowChange) decode(decoder, row.toString()).get(0);
      assertThat(Objects.requireNonNull(change.before()).columns())
          .extracting(Column::name)
          .isEqualTo(expected);
    }
  }

  @Test
  void anErrorNeverHoldsAValue() {
    String row = "table public.t: INSERT: id[integer]:1 a[text]:'s3cret' b[boolean]:s3cret";

    assertThatThrownBy(() -> decode(new TestDecodingDecoder(CATALOG), row))
        .isInstanceOf(DecodeException.class)
        .message()
        .doesNotContain("s3cret");
  }

  private static Row after(List<Change> changes) {
    return Objects.requireNonNull(((RowChange) changes.get(0)).after());
  }

  private static List<Change> decode(Decoder decoder, String row) {
    List<Change> changes = new ArrayList<>();
    decoder.decode(new RawRow(LSN, 7, bytes(row)), changes::add);
    assertThat(changes).allSatisfy(change -> assertThat(change.lsn()).isEqualTo(LSN));
    return changes;
  }

  private static List<String> text(List<Change> changes) {
    return changes.stream().map(ChangeText::of).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

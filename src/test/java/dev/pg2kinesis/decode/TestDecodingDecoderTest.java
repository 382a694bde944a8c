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
import java.util.stream.Collectors;
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
              new Catalog.Table(List.of("id"), false, List.of()),
              new TableName("public", "pair"),
              new Catalog.Table(List.of("b", "a"), false, List.of()),
              new TableName("public", "whole"),
              new Catalog.Table(
                  List.of("id"),
                  true,
                  List.of(
                      new Column("id", "integer"),
                      new Column("a", "text"),
                      new Column("b", "text")))),
          Map.of());

  /** What is read: id, row, changes. */
  static Stream<Arguments> grammar() {
    return Stream.of(
        arguments("begin", "BEGIN 748", ""),
        arguments("commit", "COMMIT 748 (at 2026-01-31 12:34:56.789+00)", ""),
        arguments(
            "insert",
            "table public.t: INSERT: id[integer]:1 note[text]:'x'",
            "INSERT public.t [id] - -> {id[integer]=«1», note[text]=«x»}"),
        arguments(
            "update that keeps the key",
            "table public.t: UPDATE: id[integer]:1 note[text]:'y'",
            "UPDATE public.t [id] - -> {id[integer]=«1», note[text]=«y»}"),
        arguments(
            "update of the key",
            "table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 note[text]:'y'",
            "UPDATE public.t [id] {id[integer]=«1»} -> {id[integer]=«2», note[text]=«y»}"),
        arguments(
            "delete",
            "table public.t: DELETE: id[integer]:-1",
            "DELETE public.t [id] {id[integer]=«-1»} -> -"),
        arguments(
            "delete without a replica identity",
            "table public.t: DELETE: (no-tuple-data)",
            "DELETE public.t [id] {} -> -"),
        arguments(
            "key in the order of the index, columns in that of the table",
            "table public.pair: DELETE: a[integer]:1 b[integer]:2",
            "DELETE public.pair [b, a] {a[integer]=«1», b[integer]=«2»} -> -"),
        arguments(
            "table the catalog does not know",
            "table public.gone: INSERT: id[integer]:1",
            "INSERT public.gone [] - -> {id[integer]=«1»}"),
        arguments(
            "table without columns", "table public.t: INSERT:", "INSERT public.t [id] - -> {}"),
        arguments(
            "whole old row, NULLs left out",
            "table public.whole: UPDATE: old-key: id[integer]:1 b[text]:'x' new-tuple:"
                + " id[integer]:1 a[text]:'y' b[text]:null",
            "UPDATE public.whole [id] {id[integer]=«1», a[text]=NULL, b[text]=«x»} ->"
                + " {id[integer]=«1», a[text]=«y», b[text]=NULL}"),
        arguments(
            "whole old row, all NULL",
            "table public.whole: UPDATE: old-key: new-tuple: id[integer]:1 a[text]:null",
            "UPDATE public.whole [id] {id[integer]=NULL, a[text]=NULL} ->"
                + " {id[integer]=«1», a[text]=NULL}"),
        arguments(
            "whole deleted row, NULLs left out",
            "table public.whole: DELETE: a[text]:'x'",
            "DELETE public.whole [id] {id[integer]=NULL, a[text]=«x», b[text]=NULL} -> -"),
        arguments(
            "whole deleted row, all NULL",
            "table public.whole: DELETE:",
            "DELETE public.whole [id] {id[integer]=NULL, a[text]=NULL, b[text]=NULL} -> -"),
        arguments(
            "whole deleted row of a table altered since",
            "table public.whole: DELETE: id[integer]:1 old[text]:'x'",
            "DELETE public.whole [id] {id[integer]=«1», old[text]=«x»} -> -"),
        arguments("truncate", "table public.t: TRUNCATE: (no-flags)", "TRUNCATE public.t"),
        arguments(
            "truncate of several",
            "table public.a, \"B, c: d\".\"e\"\"f\", public.g: TRUNCATE: restart_seqs cascade",
            "TRUNCATE public.a cascade restart, "
                + "TRUNCATE B, c: d.e\"f cascade restart, "
                + "TRUNCATE public.g cascade restart"),
        arguments(
            "truncate with restart",
            "table public.t: TRUNCATE: restart_seqs",
            "TRUNCATE public.t restart"),
        arguments(
            "truncate with cascade",
            "table public.t: TRUNCATE: cascade",
            "TRUNCATE public.t cascade"),
        arguments(
            "numbers",
            "table public.t: INSERT: a[smallint]:-32768 b[bigint]:9223372036854775807"
                + " c[numeric]:1.50 d[real]:1e-07 e[double precision]:-Infinity f[numeric]:NaN"
                + " g[oid]:4294967295 h[double precision]:1.7976931348623157e+308",
            "INSERT public.t [id] - -> {a[smallint]=«-32768», b[bigint]=«9223372036854775807»,"
                + " c[numeric]=«1.50», d[real]=«1e-07», e[double precision]=«-Infinity»,"
                + " f[numeric]=«NaN», g[oid]=«4294967295»,"
                + " h[double precision]=«1.7976931348623157e+308»}"),
        arguments(
            "the markers and texts like them",
            "table public.t: INSERT: a[text]:null b[text]:'null' c[text]:unchanged-toast-datum"
                + " d[text]:'unchanged-toast-datum' e[numeric]:null"
                + " f[numeric]:unchanged-toast-datum g[boolean]:null h[bit]:null"
                + " i[bit varying]:unchanged-toast-datum",
            "INSERT public.t [id] - -> {a[text]=NULL, b[text]=«null», c[text]=UNCHANGED,"
                + " d[text]=«unchanged-toast-datum», e[numeric]=NULL, f[numeric]=UNCHANGED,"
                + " g[boolean]=NULL, h[bit]=NULL, i[bit varying]=UNCHANGED}"),
        arguments(
            "booleans and bits",
            "table public.t: INSERT: a[boolean]:true b[boolean]:false c[bit]:B'101'"
                + " d[bit varying]:B''",
            "INSERT public.t [id] - -> {a[boolean]=«t», b[boolean]=«f», c[bit]=«101»,"
                + " d[bit varying]=«»}"),
        arguments(
            "a domain is quoted whatever it is over",
            "table public.t: INSERT: a[public.price]:'1.50' b[public.flag]:'t'",
            "INSERT public.t [id] - -> {a[public.price]=«1.50», b[public.flag]=«t»}"),
        arguments(
            "names of types",
            "table public.t: INSERT: a[\"char\"]:'x' b[text[]]:'{a,NULL}' c[public.mood]:'ok'"
                + " d[public.\"Odd ]: type\"]:'v' e[public.\"Odd ]: type\"[]]:'{v}'"
                + " f[timestamp without time zone]:'2026-01-31 00:00:00' g[\"S.x\".\"y\"\"]:\"]:'w'",
            "INSERT public.t [id] - -> {a[\"char\"]=«x», b[text[]]=«{a,NULL}», c[public.mood]=«ok»,"
                + " d[public.\"Odd ]: type\"]=«v», e[public.\"Odd ]: type\"[]]=«{v}»,"
                + " f[timestamp without time zone]=«2026-01-31 00:00:00»,"
                + " g[\"S.x\".\"y\"\"]:\"]=«w»}"),
        arguments(
            "quotes and backslashes",
            "table public.t: INSERT: a[text]:'' b[text]:'''' c[text]:'a''b''''c' d[text]:'\\'"
                + " e[text]:'\"'",
            "INSERT public.t [id] - -> {a[text]=«», b[text]=«'», c[text]=«a'b''c», d[text]=«\\»,"
                + " e[text]=«\"»}"),
        arguments(
            "raw line breaks and text like the output itself",
            "table public.t: INSERT: a[text]:'x\nCOMMIT 748 (at 2026-01-31 12:34:56+00)\r\n\tid[integer]:9'"
                + " b[text]:''' b[text]:''null' c[text]:' new-tuple: (no-tuple-data)'",
            "INSERT public.t [id] - -> {"
                + "a[text]=«x␊COMMIT 748 (at 2026-01-31 12:34:56+00)␍␊␉id[integer]:9»,"
                + " b[text]=«' b[text]:'null», c[text]=« new-tuple: (no-tuple-data)»}"),
        arguments(
            "names of tables and columns",
            "table \"Ünsere Daten\".\"a.b \"\"c\"\": INSERT:\": INSERT: \"user\"[integer]:1"
                + " \"x[integer]:5\"[text]:'1' \"new-tuple:\"[text]:'2' \"a\"\" b\"[text]:'3'",
            "INSERT Ünsere Daten.a.b \"c\": INSERT: [] - -> {user[integer]=«1»,"
                + " x[integer]:5[text]=«1», new-tuple:[text]=«2», a\" b[text]=«3»}"),
        arguments(
            "an old key whose columns look like the new row",
            "table public.t: UPDATE: old-key: \"new-tuple:\"[text]:' new-tuple: ' new-tuple:"
                + " \"new-tuple:\"[text]:'x'",
            "UPDATE public.t [id] {new-tuple:[text]=« new-tuple: »} -> {new-tuple:[text]=«x»}"),
        arguments(
            "any script",
            "table public.t: INSERT: a[text]:'žluťoučký 🐘 \u0000 \uFFFD'",
            "INSERT public.t [id] - -> {a[text]=«žluťoučký 🐘 \u0000 \uFFFD»}"),
        arguments(
            "message",
            "message: transactional: 1 prefix: p, sz: 2 content:hi",
            "MESSAGE in its transaction «p» «hi»"),
        arguments(
            "message alone",
            "message: transactional: 0 prefix: , sz: 0 content:",
            "MESSAGE alone «» «»"),
        arguments(
            "message with line breaks",
            "message: transactional: 1 prefix: p, sz: 18 content:\nCOMMIT 1\nsz: 3 xx",
            "MESSAGE in its transaction «p» «␊COMMIT 1␊sz: 3 xx»"),
        arguments(
            "message whose prefix looks like a size",
            "message: transactional: 1 prefix: a, sz: 3 content:b, sz: 1 content:c",
            "MESSAGE in its transaction «a, sz: 3 content:b» «c»"),
        arguments(
            "message whose content looks like a size",
            "message: transactional: 1 prefix: a, sz: 20 content:b, sz: 9999 content:",
            "MESSAGE in its transaction «a» «b, sz: 9999 content:»"),
        arguments(
            "message that the server converted from another encoding",
            "message: transactional: 1 prefix: p, sz: 1 content:é",
            "MESSAGE in its transaction «p» «Ã©»"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("grammar")
  void reads(String id, String row, String expected) {
    assertThat(text(decode(new TestDecodingDecoder(CATALOG), row))).isEqualTo(expected);
  }

  /** What is refused: id, row, what was expected, and at which byte. */
  static Stream<Arguments> malformed() {
    return Stream.of(
        arguments("nothing", "", "BEGIN, COMMIT, table or message", 0),
        arguments("another line", "opening a streamed block", "BEGIN, COMMIT, table", 0),
        arguments("begin without xid", "BEGIN", "BEGIN, COMMIT, table", 0),
        arguments("xid too large", "BEGIN 4294967296", "a transaction id", 6),
        arguments("more after begin", "BEGIN 1 2", "the end of the row", 7),
        arguments("no table", "table ", "a schema's name", 6),
        arguments("no schema", "table t: INSERT:", "'.'", 7),
        arguments("unended name", "table \"a: INSERT:", "a schema's name", 6),
        arguments("no operation", "table public.t", "': TRUNCATE:'", 14),
        arguments("another operation", "table public.t: MERGE:", "': TRUNCATE:'", 14),
        arguments(
            "insert without a row", "table public.t: INSERT: (no-tuple-data)", "a new row", 23),
        arguments("column without type", "table public.t: INSERT: id:1", "'['", 26),
        arguments("unended type", "table public.t: INSERT: id[integer", "a type's name", 34),
        arguments("empty type", "table public.t: INSERT: id[]:1", "a type's name", 30),
        arguments("no value", "table public.t: INSERT: id[integer]:", "a number", 36),
        arguments("unquoted text", "table public.t: INSERT: a[text]:x", "a value in quotes", 32),
        arguments("unended text", "table public.t: INSERT: a[text]:'x''", "the quote", 33),
        arguments("no truth", "table public.t: INSERT: a[boolean]:t", "true, false", 35),
        arguments("no bit", "table public.t: INSERT: a[bit]:B'12'", "'''", 34),
        arguments("two values", "table public.t: INSERT: a[text]:'x'y", "' '", 35),
        arguments(
            "old key only", "table public.t: UPDATE: old-key: a[text]:'x'", "' new-tuple:'", 44),
        arguments("odd flags", "table public.t: TRUNCATE: cascade x", "the end of the row", 33),
        arguments("message without size", "message: transactional: 1 prefix: p", "a prefix", 34),
        arguments(
            "message cut short",
            "message: transactional: 1 prefix: p, sz: 3 content:hi",
            "a prefix",
            34));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void refuses(String id, String row, String expected, int offset) {
    assertThatThrownBy(() -> decode(new TestDecodingDecoder(CATALOG), row))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("test_decoding row at " + LSN)
        .hasMessageContaining(expected)
        .hasMessageContaining(" at byte " + offset + ".");
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

  private static String text(List<Change> changes) {
    return changes.stream().map(ChangeText::of).collect(Collectors.joining(", "));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

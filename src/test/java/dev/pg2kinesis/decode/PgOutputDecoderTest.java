package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.PgOutputBytes.LSN;
import static dev.pg2kinesis.decode.PgOutputBytes.XID;
import static dev.pg2kinesis.decode.PgOutputBytes.message;
import static dev.pg2kinesis.decode.PgOutputBytes.relation;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Catalog.Index.Identity;
import dev.pg2kinesis.change.Catalog.UserType;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgOutputDecoderTest {

  private static final int OID = 0xFEDC_BA98;
  private static final int INTEGER = 23;
  private static final int TEXT = 25;
  private static final TableName TABLE = new TableName("public", "t");
  private static final Column ID = new Column("id", "integer");
  private static final Column NAME = new Column("name", "text");

  private final PgOutputDecoder decoder = new PgOutputDecoder(Catalog.EMPTY);

  private static PgOutputBytes table(char identity) {
    return relation(OID, "t", identity, "*id", INTEGER, identity == 'f' ? "*name" : "name", TEXT);
  }

  private static List<Change> decode(Decoder decoder, PgOutputBytes... messages) {
    List<Change> changes = new ArrayList<>();
    for (PgOutputBytes message : messages) {
      decoder.decode(message.row(), changes::add);
    }
    return changes;
  }

  private List<Change> decode(PgOutputBytes... messages) {
    return decode(decoder, messages);
  }

  private static RowChange rowChange(
      Operation operation, @Nullable Row before, @Nullable Row after) {
    return new RowChange(LSN, operation, TABLE, List.of("id"), before, after);
  }

  private static Row row(String id, Value name) {
    return new Row(List.of(ID, NAME), List.of(Value.of(id), name));
  }

  private static Row key(String id) {
    return new Row(List.of(ID), List.of(Value.of(id)));
  }

  @Test
  void beginIsNoChangeAndNoCommit() {
    PgOutputBytes begin = message('B').int64(-1).int64(0).int32((int) XID);

    assertThat(decode(begin)).isEmpty();
    assertThat(PgOutputDecoder.commitOf(begin.row())).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "0,                    2000-01-01T00:00:00Z",
    "1,                    2000-01-01T00:00:00.000001Z",
    "-1,                   1999-12-31T23:59:59.999999Z",
    "845673821123456,      2026-10-18T21:23:41.123456Z",
  })
  void commitEndsATransaction(long micros, Instant time) {
    PgOutputBytes commit = message('C').int8(0).int64(1).int64(LSN.value()).int64(micros);

    assertThat(PgOutputDecoder.commitOf(commit.row())).isEqualTo(new Commit(XID, LSN, time));
    assertThat(decode(commit)).isEmpty();
  }

  @Test
  void commitMustEndWhereItsRowStands() {
    PgOutputBytes commit = message('C').int8(0).int64(LSN.value()).int64(1).int64(0);

    assertThatThrownBy(() -> PgOutputDecoder.commitOf(commit.row()))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("Commit.end LSN")
        .hasMessageContaining("at byte 10");
  }

  @Test
  void originIsNoChange() {
    assertThat(decode(message('O').int64(-1).string("upstream"))).isEmpty();
  }

  @Test
  void insertHoldsTheNewRow() {
    assertThat(decode(table('d'), message('I').int32(OID).tuple('N', "-7", "Füß\n😀'")))
        .containsExactly(rowChange(Operation.INSERT, null, row("-7", Value.of("Füß\n😀'"))));
  }

  @Test
  void nullUnchangedAndTextAreTold() {
    List<Change> changes =
        decode(
            table('d'),
            message('I').int32(OID).tuple('N', "1", "NULL"),
            message('U').int32(OID).tuple('N', "1", "UNCHANGED"),
            message('I').int32(OID).tuple('N', "1", ""),
            message('I').int32(OID).tuple('N', "1", "null"));

    assertThat(changes)
        .containsExactly(
            rowChange(Operation.INSERT, null, row("1", Value.NULL)),
            rowChange(Operation.UPDATE, null, row("1", Value.UNCHANGED)),
            rowChange(Operation.INSERT, null, row("1", Value.of(""))),
            rowChange(Operation.INSERT, null, row("1", Value.of("null"))));
  }

  @Test
  void updateOfTheKeyHoldsTheOldKeyAlone() {
    assertThat(
            decode(
                table('d'), message('U').int32(OID).tuple('K', "1", "NULL").tuple('N', "2", "b")))
        .containsExactly(rowChange(Operation.UPDATE, key("1"), row("2", Value.of("b"))));
  }

  @Test
  void updateUnderFullIdentityHoldsTheWholeOldRow() {
    Catalog catalog = catalog(List.of("id"));

    assertThat(
            decode(
                new PgOutputDecoder(catalog),
                table('f'),
                message('U').int32(OID).tuple('O', "1", "NULL").tuple('N', "1", "b")))
        .containsExactly(
            rowChange(Operation.UPDATE, row("1", Value.NULL), row("1", Value.of("b"))));
  }

  @Test
  void deleteHoldsTheKeyOrTheWholeRow() {
    assertThat(decode(table('d'), message('D').int32(OID).tuple('K', "1", "NULL")))
        .containsExactly(rowChange(Operation.DELETE, key("1"), null));
    assertThat(
            decode(
                new PgOutputDecoder(catalog(List.of("id"))),
                table('f'),
                message('D').int32(OID).tuple('O', "1", "a")))
        .containsExactly(rowChange(Operation.DELETE, row("1", Value.of("a")), null));
  }

  @Test
  void oldKeyOfARelationWithoutFlagsIsWhatHoldsAValue() {
    PgOutputBytes root = relation(OID, "t", 'n', "id", INTEGER, "name", TEXT);

    assertThat(
            decode(
                new PgOutputDecoder(catalog(List.of("id"))),
                root,
                message('D').int32(OID).tuple('K', "1", "NULL")))
        .containsExactly(rowChange(Operation.DELETE, key("1"), null));
  }

  @ParameterizedTest
  @CsvSource({
    "0, false, false",
    "1, true,  false",
    "2, false, true",
    "3, true,  true",
  })
  void truncateIsOneChangePerTable(int options, boolean cascade, boolean restart) {
    List<Change> changes =
        decode(
            table('d'),
            relation(7, "Odd, \"table\"", 'd'),
            message('T').int32(2).int8(options).int32(7).int32(OID));

    assertThat(changes)
        .containsExactly(
            new Change.Truncate(LSN, new TableName("public", "Odd, \"table\""), cascade, restart),
            new Change.Truncate(LSN, TABLE, cascade, restart));
  }

  @Test
  void truncateOfAnUnknownTableEmitsNothing() {
    List<Change> changes = new ArrayList<>();
    decoder.decode(table('d').row(), changes::add);
    RawRow truncate = message('T').int32(2).int8(0).int32(OID).int32(8).row();

    assertThatThrownBy(() -> decoder.decode(truncate, changes::add))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("Truncate.relation")
        .hasMessageContaining("at byte 10");
    assertThat(changes).isEmpty();
  }

  @Test
  void transactionalMessageIsAChangeOfItsTransaction() {
    PgOutputBytes message =
        message('M').int8(1).int64(LSN.value()).string("préfixe").int32(3).raw(0, 0xFF, '\n');

    assertThat(PgOutputDecoder.commitOf(message.row())).isNull();
    assertThat(decode(message))
        .containsExactly(
            new Change.Message(LSN, true, "préfixe", new byte[] {0, (byte) 0xFF, '\n'}));
  }

  @Test
  void messageOutsideTransactionsIsATransaction() {
    RawRow row =
        new RawRow(
            LSN, 0, message('M').int8(0).int64(LSN.value()).string("p").int32(1).int8('x').bytes());
    List<Change> changes = new ArrayList<>();
    decoder.decode(row, changes::add);

    assertThat(PgOutputDecoder.commitOf(row)).isEqualTo(new Commit(0, LSN, null));
    assertThat(changes).containsExactly(new Change.Message(LSN, false, "p", "x".getBytes(UTF_8)));
  }

  @Test
  void relationSentAgainReplacesTheFirst() {
    List<Change> changes =
        decode(
            table('d'),
            message('I').int32(OID).tuple('N', "1", "a"),
            relation(OID, "t", 'd', "*id", INTEGER),
            message('I').int32(OID).tuple('N', "2"));

    assertThat(changes)
        .containsExactly(
            rowChange(Operation.INSERT, null, row("1", Value.of("a"))),
            rowChange(Operation.INSERT, null, key("2")));
  }

  @Test
  void rowsOfARelationShareItsColumns() {
    List<Change> changes =
        decode(
            table('d'),
            message('I').int32(OID).tuple('N', "1", "a"),
            message('I').int32(OID).tuple('N', "2", "b"));

    assertThat(after(changes.get(0)).columns()).isSameAs(after(changes.get(1)).columns());
  }

  private static Row after(Change change) {
    if (change instanceof RowChange rowChange && rowChange.after() != null) {
      return rowChange.after();
    }
    throw new AssertionError("no new row");
  }

  @Test
  void emptyNamespaceIsThatOfTheCatalog() {
    PgOutputBytes relation =
        message('R').int32(1259).string("").string("pg_class").int8('n').int16(0);

    assertThat(decode(relation, message('T').int32(1).int8(0).int32(1259)))
        .containsExactly(
            new Change.Truncate(LSN, new TableName("pg_catalog", "pg_class"), false, false));
  }

  @Test
  void typeMessageNamesATypeThatTheCatalogDoesNotKnow() {
    PgOutputBytes type = message('Y').int32(99999).string("public").string("Mood");

    assertThat(
            decode(
                type,
                relation(OID, "t", 'd', "*id", 99999),
                message('I').int32(OID).tuple('N', "x")))
        .extracting(change -> after(change).columns())
        .containsExactly(List.of(new Column("id", "public.\"Mood\"")));
  }

  private static Catalog catalog(List<String> key) {
    return new Catalog(
        Map.of(TABLE, KnownTable.withKey(key.toArray(String[]::new)).build()),
        Map.of(
            99999,
            new UserType("public", "mood", new Type.Scalar("public.mood", Type.Kind.ENUM, ','))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d |  a  b  c | (c,a) | c,a   | the catalog's: a deferrable primary key has no flags",
        "d |  a  b  c | c,a   | ''    | none: the primary key would have been flagged",
        "d | *a *b  c | b,a   | b,a   | the catalog's order, same set",
        "i | *a *b  c | b,a   | b,a   | the catalog's order, same set",
        "d | *a *b  c | a     | a,b   | the flags, other set",
        "d | *a *b  c | ''    | a,b   | the flags, no catalog",
        "d | *a *b  c | c b,a | b,a   | the order of another index: the primary key was another",
        "i | *a *b  c | c b,a | b,a   | the order of another index: the identity was another",
        "d | *a *b  c | b,a i:a,b | b,a | the primary key's order before that of the identity",
        "i | *a *b  c | b,a i:a,b | a,b | the identity's order before that of the primary key",
        "i | *c  b  a | b,a i:c   | c   | the identity's",
        "d | *a *b  c | b,a i:c   | b,a | the primary key's: the identity is younger",
        "d | *a  b  c | z,a   | a     | the flags, z being left out of a column list",
        "f | *a *b *c | c,a   | c,a   | the catalog's: all are flagged",
        "f | *a *b *c | ''    | ''    | no key at all",
        "f | *a *b *c | b,a i:c | b,a | the catalog's primary key: the identity is younger",
        "f | *a *b *c | c,z   | ''    | none: z is not there",
        "n |  a  b  c | b     | b     | the catalog's: none is flagged",
        "n |  a  b  c | b,z   | ''    | none: z is not there",
        "i |  a  b  c | b     | b     | the catalog's: the identity's index was dropped",
      })
  void keyColumns(char identity, String columns, String indexes, String key, String why) {
    String[] names = columns.strip().split(" +", -1);
    Object[] relation = new Object[names.length * 2];
    for (int i = 0; i < names.length; i++) {
      relation[2 * i] = names[i];
      relation[2 * i + 1] = INTEGER;
    }
    Catalog catalog = new Catalog(Map.of(TABLE, indexed(indexes)), Map.of());

    assertThat(
            decode(
                new PgOutputDecoder(catalog),
                relation(OID, "t", identity, relation),
                message('I').int32(OID).tuple('N', "1", "2", "3")))
        .as(why)
        .extracting(change -> ((RowChange) change).key())
        .containsExactly(list(key));
  }

  /** A table with a primary key, in parentheses if deferrable, an identity and other indexes. */
  private static Catalog.Table indexed(String indexes) {
    KnownTable table = KnownTable.withoutKey();
    for (String index : indexes.isEmpty() ? new String[0] : indexes.split(" ", -1)) {
      boolean deferrable = index.startsWith("(");
      boolean identity = index.startsWith("i:");
      List<String> columns = list(index.replaceAll("[()]|i:", ""));
      boolean primary = !identity && table.build().indexes().isEmpty();
      table.index(
          new Catalog.Index(
              columns, primary, identity ? Identity.NOW : Identity.NONE, deferrable, null));
    }
    return table.build();
  }

  private static List<String> list(String commaSeparated) {
    return commaSeparated.isEmpty() ? List.of() : List.of(commaSeparated.split(",", -1));
  }

  @Test
  void optionsQuoteThePublications() {
    assertThat(Plugin.PGOUTPUT.options(150003, List.of("plain", "A,\"b\"", "Ünï")))
        .containsExactly(
            "proto_version",
            "1",
            "publication_names",
            "\"plain\",\"A,\"\"b\"\"\",\"Ünï\"",
            "messages",
            "true");
    assertThat(Plugin.PGOUTPUT.options(130010, List.of("p")))
        .containsExactly("proto_version", "1", "publication_names", "\"p\"");
    assertThatThrownBy(() -> Plugin.PGOUTPUT.options(150003, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.PgOutputBytes.LSN;
import static dev.pg2kinesis.decode.PgOutputBytes.message;
import static dev.pg2kinesis.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is no message stops the run and is told by message, field, offset and LSN, not by value. */
class PgOutputMalformedTest {

  private static final int OID = 16385;
  private static final String SECRET = "s3cret";

  private final List<Change> changes = new ArrayList<>();
  private final PgOutputDecoder decoder = new PgOutputDecoder(Catalog.EMPTY);

  private static Arguments refused(PgOutputBytes message, int offset, String expected) {
    return Arguments.of(expected, message, offset);
  }

  private static PgOutputBytes insert() {
    return message('I').int32(OID).tuple('N', "1", SECRET);
  }

  private static PgOutputBytes columns() {
    return message('R').int32(OID).string("public").string("t");
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        refused(new PgOutputBytes(), 0, "a message of type B"),
        refused(message('b').string(SECRET), 0, "a message of type B"),
        refused(message('B').int64(1), 9, "Begin.commit time: 4 bytes"),
        refused(message('C').int8(1), 1, "Commit.flags: 0"),
        refused(message('O').int64(1).raw('x'), 9, "Origin.name: a string"),
        refused(message('M').int8(2), 1, "Message.flags: 0 or 1"),
        refused(message('M').int8(1).int64(1), 2, "Message.LSN: the LSN of the row"),
        refused(
            message('M').int8(1).int64(LSN.value()).string("p").int32(2).int8(0),
            12,
            "Message.content: a length that fits"),
        refused(
            message('M').int8(1).int64(LSN.value()).string("p").int32(-1),
            12,
            "Message.content: a length that fits"),
        refused(columns().int8('x'), 14, "Relation.replica identity: one of d, i, f, n"),
        refused(columns().int8('d').int16(1).int8(2), 17, "Relation.columns[0].flags: 0 or 1"),
        refused(
            columns().int8('d').int16(0xFFFF).int8(0).string("a").int32(23).int32(-1),
            28,
            "Relation.columns[1].flags: 1 byte"),
        refused(message('Y').int32(1).string("a").string("b").int8(0), 9, "Type.end: the end"),
        refused(message('I').int32(1), 1, "Insert.relation: the id of a relation sent"),
        refused(message('I').int32(OID).tuple('K', "1", "2"), 5, "Insert.kind: N"),
        refused(message('I').int32(OID).tuple('N', "1"), 6, "Insert.new: as many columns as"),
        refused(insert().int8(0), 25, "Insert.end: the end of the message"),
        refused(
            message('I').int32(OID).int8('N').int16(2).int8('b').int32(1),
            8,
            "Insert.new[0].kind: n, u or t; binary values are never asked for"),
        refused(
            message('I').int32(OID).int8('N').int16(2).int8('x'), 8, "Insert.new[0].kind: n, u"),
        refused(
            message('I').int32(OID).int8('N').int16(2).int8('n').int8('t').int32(99),
            10,
            "Insert.new[1].value: a length that fits"),
        refused(
            message('I').int32(OID).int8('N').int16(2).int8('n').int8('t').int32(1).int8(0xE9),
            14,
            "Insert.new[1].value: UTF-8"),
        refused(message('U').int32(OID).int8('X'), 5, "Update.kind: K, O or N"),
        refused(
            message('U').int32(OID).tuple('K', "1", "NULL").tuple('K', "1", "NULL"),
            15,
            "Update.kind: N"),
        refused(message('D').int32(OID).tuple('N', "1", "2"), 5, "Delete.kind: K or O"),
        refused(message('T').int32(1).int8(4), 5, "Truncate.options: 0, 1, 2 or 3"),
        refused(message('T').int32(0).int8(0), 6, "Truncate.relation: as many ids"),
        refused(message('T').int32(0x4000_0001).int8(0).int32(OID), 6, "as many ids"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void isRefused(String expected, PgOutputBytes message, int offset) {
    decoder.decode(relation(OID, "t", 'd', "*id", 23, "name", 25).row(), changes::add);

    assertThatExceptionOfType(DecodeException.class)
        .isThrownBy(() -> decoder.decode(message.row(), changes::add))
        .withMessageContaining(expected)
        .withMessageContaining(" at byte " + offset + ".")
        .withMessageContaining("pgoutput row at 89ABCDEF/FEDCBA98")
        .withMessageNotContaining(SECRET);
    assertThat(changes).isEmpty();
  }

  static Stream<PgOutputBytes> whole() {
    return Stream.of(
        message('B').int64(1).int64(2).int32(3),
        message('C').int8(0).int64(1).int64(LSN.value()).int64(3),
        message('O').int64(1).string("origin"),
        message('M').int8(1).int64(LSN.value()).string("p").int32(2).int8(0).int8(0),
        relation(OID, "t", 'd', "*id", 23, "name", 25),
        message('Y').int32(1).string("public").string("b"),
        insert(),
        message('U').int32(OID).tuple('K', "1", "NULL").tuple('N', "2", SECRET),
        message('D').int32(OID).tuple('O', "1", "UNCHANGED"),
        message('T').int32(1).int8(0).int32(OID));
  }

  @ParameterizedTest
  @MethodSource("whole")
  void everyPrefixIsRefused(PgOutputBytes message) {
    decoder.decode(relation(OID, "t", 'd', "*id", 23, "name", 25).row(), changes::add);
    byte[] bytes = message.bytes();
    decoder.decode(message.row(), change -> {});

    for (int length = 0; length < bytes.length; length++) {
      RawRow row = new RawRow(LSN, 1, Arrays.copyOf(bytes, length));
      assertThatExceptionOfType(DecodeException.class)
          .as("%d of %d bytes", length, bytes.length)
          .isThrownBy(() -> decoder.decode(row, changes::add));
    }
    assertThat(changes).isEmpty();
  }
}

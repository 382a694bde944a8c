package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.row;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that a snapshot read, in each format. */
class ReadRowsTest {

  private static final Commit PLACE =
      new Commit(0, Lsn.parse("0/19C3D60"), Instant.parse("2026-01-02T03:04:05Z"));
  private static final RowChange ROW =
      new RowChange(
          PLACE.lsn(),
          Operation.INSERT,
          Given.table("public.plain"),
          List.of("id"),
          null,
          row(cell("id", "integer", "1"), cell("name", "text", "Hello")));

  private static RecordMaker maker(Format format, FormatContext context, int maxRecordBytes) {
    return new RecordMaker(
        new RecordMaker.Plan(
            format.formatter(context),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.FAIL,
            maxRecordBytes,
            "pg2kinesis"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          DEBEZIUM ~ {"before":null,"after":{"id":1,"name":"Hello"},"source":{"version":"1.0.0","connector":"postgresql","name":"pg2kinesis","ts_ms":1767323045000,"ts_us":1767323045000000,"ts_ns":1767323045000000000,"snapshot":"incremental","db":"shop","sequence":"[\\"27016544\\",\\"27016544\\"]","schema":"public","table":"plain","txId":null,"lsn":27016544,"xmin":null},"op":"r","ts_ms":1767323045000,"transaction":{"id":"0:27016544","total_order":0,"data_collection_order":0}}
          CSV ~ 0,CDC,0,public.plain,READ,1
          CSV_PAYLOAD ~ 0,CDC,{"xid": "0", "table": "public.plain", "operation": "READ", "pkey": "1"}
          FULL_CHANGE ~ 0,CDC,{"xid": "0", "change": {"kind": "READ", "schema": "public", "table": "plain", "columnnames": ["id", "name"], "columntypes": ["integer", "text"], "columnvalues": [1, "Hello"]}}
          PG_KINESIS ~ {"time":"2026-01-02T03:04:05Z","lsn":"0/19C3D60","table":"public.plain","operation":"READ","columns":{"id":{"new":{"q":"false","t":"integer","v":"1"}},"name":{"new":{"q":"true","t":"text","v":"Hello"}}}}
          """)
  void haveAFormOfTheirOwn(Format format, String expected) {
    StreamRecord read =
        Objects.requireNonNull(maker(format, Given.TEST_DECODING, 1 << 20).read(PLACE, ROW));
    assertThat(new String(read.payload(), UTF_8)).isEqualTo(expected);
    assertThat(read.partitionKey()).isEqualTo("public.plain|1");
    assertThat(read.commitLsn()).isEqualTo(PLACE.lsn());
    assertThat(read.ordinal()).isEqualTo(CommittedChange.READ_ORDINAL);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void areNotTakenForInserts(Format format) {
    RecordMaker maker = maker(format, Given.TEST_DECODING, 1 << 20);
    String read = new String(Objects.requireNonNull(maker.read(PLACE, ROW)).payload(), UTF_8);
    maker
        .begin(PLACE)
        .accept(
            insert("public.plain", "id", Objects.requireNonNull(ROW.after())),
            record -> assertThat(new String(record.payload(), UTF_8)).isNotEqualTo(read));
    assertThat(read).containsAnyOf("READ", "\"r\"", "\"load\"");
  }

  @Test
  void anInsertAtTheSamePlaceIsStillAnInsert() {
    RecordMaker maker = maker(Format.DEBEZIUM, Given.TEST_DECODING, 1 << 20);
    maker.read(PLACE, ROW);
    maker
        .begin(PLACE)
        .accept(
            insert("public.plain", "id", Objects.requireNonNull(ROW.after())),
            record ->
                assertThat(new String(record.payload(), UTF_8))
                    .contains("\"op\":\"c\"", "\"snapshot\":\"false\"", "\"total_order\":1"));
    assertThat(maker.changes()).isEqualTo(1);
  }

  @Test
  void aRowThatIsTooLargeSaysSoWithoutASkip() {
    assertThatThrownBy(() -> maker(Format.DEBEZIUM, Given.TEST_DECODING, 100).read(PLACE, ROW))
        .isInstanceOf(OversizeException.class)
        .hasMessageContaining("the row that a snapshot read in public.plain makes a record of")
        .hasMessageNotContaining("skip");
  }
}

package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.committed;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.formats.common.TimestampFormat;
import org.apache.flink.formats.json.debezium.DebeziumJsonDeserializationSchema;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.Collector;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flink's {@code 'format' = 'debezium-json'} reads the debezium format into the right rows. */
class FlinkOracleIT {

  /** As a table would declare them, with ISO-8601 as its standard of timestamps. */
  private static final DataType COLUMNS =
      DataTypes.ROW(
          DataTypes.FIELD("id", DataTypes.INT()),
          DataTypes.FIELD("big", DataTypes.BIGINT()),
          DataTypes.FIELD("price", DataTypes.DECIMAL(30, 2)),
          DataTypes.FIELD("ratio", DataTypes.DOUBLE()),
          DataTypes.FIELD("ok", DataTypes.BOOLEAN()),
          DataTypes.FIELD("name", DataTypes.STRING()),
          DataTypes.FIELD("bytes", DataTypes.BYTES()),
          DataTypes.FIELD("at", DataTypes.TIMESTAMP_LTZ(6)),
          DataTypes.FIELD("tags", DataTypes.ARRAY(DataTypes.STRING())),
          DataTypes.FIELD("day", DataTypes.STRING()));

  private final Formatter formatter = Format.DEBEZIUM.formatter(Given.TEST_DECODING);
  private final DebeziumJsonDeserializationSchema flink =
      new DebeziumJsonDeserializationSchema(
          COLUMNS,
          List.of(),
          InternalTypeInfo.of((RowType) COLUMNS.getLogicalType()),
          false,
          false,
          TimestampFormat.ISO_8601);

  @BeforeEach
  void open() throws Exception {
    flink.open(new Context());
  }

  @Test
  void insertWithEveryValue() throws Exception {
    RowData row = only(read(insert("public.t", "id", full("1", "12345678901234567890.10"))));
    assertThat(row.getRowKind()).isEqualTo(RowKind.INSERT);
    assertThat(row.getInt(0)).isEqualTo(1);
    assertThat(row.getLong(1)).isEqualTo(Long.MIN_VALUE);
    assertThat(row.getDecimal(2, 30, 2).toBigDecimal()).isEqualTo("12345678901234567890.10");
    assertThat(row.getDouble(3)).isEqualTo(1e100);
    assertThat(row.getBoolean(4)).isTrue();
    assertThat(row.getString(5).toString()).isEqualTo("é\n\"😀\u2028");
    assertThat(row.getBinary(6)).containsExactly(0, 0xff);
    assertThat(row.getTimestamp(7, 6).toInstant())
        .isEqualTo(Instant.parse("2024-02-29T12:30:00.123456Z"));
    assertThat(row.getArray(8).size()).isEqualTo(2);
    assertThat(row.getArray(8).getString(0).toString()).isEqualTo("a,b");
    assertThat(row.getArray(8).isNullAt(1)).isTrue();
    assertThat(row.getString(9).toString()).isEqualTo("2024-02-29Z");
  }

  @Test
  void insertWithNulls() throws Exception {
    RowData row =
        only(
            read(
                insert(
                    "public.t",
                    "id",
                    row(cell("id", "integer", "1"), cell("name", "text", Value.NULL)))));
    assertThat(row.getInt(0)).isEqualTo(1);
    assertThat(row.isNullAt(5)).isTrue();
    assertThat(row.isNullAt(7)).isTrue();
  }

  @Test
  void updateUnderReplicaIdentityFullRetractsTheOldRow() throws Exception {
    List<RowData> rows = read(update("public.t", "id", full("1", "1.00"), full("1", "2.00")));
    assertThat(rows)
        .extracting(RowData::getRowKind)
        .containsExactly(RowKind.UPDATE_BEFORE, RowKind.UPDATE_AFTER);
    assertThat(rows)
        .extracting(row -> row.getDecimal(2, 30, 2).toString())
        .containsExactly("1.00", "2.00");
  }

  @Test
  void deleteShowsTheKeyAndNullsForWhatTheWalDoesNotHold() throws Exception {
    RowData row = only(read(delete("public.t", "id", row(cell("id", "integer", "1")))));
    assertThat(row.getRowKind()).isEqualTo(RowKind.DELETE);
    assertThat(row.getInt(0)).isEqualTo(1);
    assertThat(row.isNullAt(5)).isTrue();
  }

  @Test
  void anUpdateOfTheKeyRetractsTheOldKey() throws Exception {
    List<StreamRecord> records = new ArrayList<>();
    RecordMaker stage =
        new RecordMaker(
            new RecordMaker.Plan(
                formatter,
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                "slot"));
    stage
        .begin(Given.COMMIT)
        .accept(
            update("public.t", "id", row(cell("id", "integer", "1")), full("2", "1.00")),
            records::add);
    Rows rows = new Rows();
    for (StreamRecord record : records) {
      flink.deserialize(record.payload(), rows);
    }
    assertThat(rows.read)
        .extracting(RowData::getRowKind)
        .containsExactly(RowKind.DELETE, RowKind.INSERT);
    assertThat(rows.read).extracting(row -> row.getInt(0)).containsExactly(1, 2);
  }

  private static Row full(String id, String price) {
    return row(
        cell("id", "integer", id),
        cell("big", "bigint", Long.toString(Long.MIN_VALUE)),
        cell("price", "numeric", price),
        cell("ratio", "double precision", "1e+100"),
        cell("ok", "boolean", "t"),
        cell("name", "text", "é\n\"😀\u2028"),
        cell("bytes", "bytea", "\\x00ff"),
        cell("at", "timestamp with time zone", "2024-02-29 12:30:00.123456+00"),
        cell("tags", "text[]", "{\"a,b\",NULL}"),
        cell("day", "date", "2024-02-29"));
  }

  private List<RowData> read(Change change) throws Exception {
    Payload payload = new Payload(1 << 20);
    formatter.format(committed(change), payload);
    Rows rows = new Rows();
    flink.deserialize(payload.toByteArray(), rows);
    return rows.read;
  }

  private static RowData only(List<RowData> rows) {
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  private static final class Rows implements Collector<RowData> {
    private final List<RowData> read = new ArrayList<>();

    @Override
    public void collect(RowData row) {
      read.add(row);
    }

    @Override
    public void close() {}
  }

  private static final class Context implements DeserializationSchema.InitializationContext {
    @Override
    public MetricGroup getMetricGroup() {
      return new UnregisteredMetricsGroup();
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      return SimpleUserCodeClassLoader.create(FlinkOracleIT.class.getClassLoader());
    }
  }
}

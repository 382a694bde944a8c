package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Time and allocation for each row of five columns, of four alternating tables, half of them
 * inserts and half updates that keep the key. {@code commitOf} is called for each row, as the relay
 * does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx512m"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {

  private static final int ROWS = 1_000;
  private static final int TABLES = 4;
  private static final int RELATION = 'R';
  private static final int TEXT = 25;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", "bigint"),
          new Column("customer", "text"),
          new Column("amount", "numeric"),
          new Column("note", "text"),
          new Column("changed_at", "timestamp with time zone"));

  private static final List<Catalog.Attribute> ATTRIBUTES =
      COLUMNS.stream()
          .map(
              column ->
                  new Catalog.Attribute(column, false, true, Catalog.Attribute.State.SAME, null))
          .toList();

  private static final int[] TYPES = {20, TEXT, 1700, TEXT, 1184};

  @Param({"TEST_DECODING", "WAL2JSON", "WAL2JSON_V1", "PGOUTPUT"})
  public Plugin plugin = Plugin.TEST_DECODING;

  /** How long the note is; the other values have 37 characters. */
  @Param({"20", "2000"})
  public int note = 20;

  private List<RawRow> rows = List.of();
  private Decoder decoder = new TestDecodingDecoder(Catalog.EMPTY);
  private CommitReader commits = Decoders.commitReader(Plugin.TEST_DECODING);

  /** Makes the rows, and a decoder that has seen the tables. */
  @Setup(Level.Trial)
  public void prepare() {
    rows = new ArrayList<>();
    Map<TableName, Catalog.Table> tables = new java.util.HashMap<>();
    for (int i = 0; i < TABLES; i++) {
      tables.put(
          new TableName("public", "orders_" + i),
          new Catalog.Table(
              Catalog.ReplicaIdentity.DEFAULT,
              null,
              List.of(Catalog.Index.primaryKey(List.of("id"))),
              plugin.isWal2Json() ? ATTRIBUTES : List.of(),
              List.of()));
    }
    decoder = Decoders.of(plugin, new Catalog(tables, Map.of()));
    commits = Decoders.commitReader(plugin);
    if (plugin == Plugin.PGOUTPUT) {
      decoder.decode(pgOutputBegin(), change -> {});
      for (int i = 0; i < TABLES; i++) {
        decoder.decode(pgOutputRelation(i), change -> {});
      }
    }
    StringBuilder transaction = new StringBuilder("{\"timestamp\":\"2026-01-31 12:34:56.789+00\"");
    transaction.append(",\"change\":[");
    for (int i = 0; i < ROWS; i++) {
      switch (plugin) {
        case TEST_DECODING -> rows.add(row(testDecoding(i)));
        case WAL2JSON -> rows.add(row(wal2Json(i)));
        case WAL2JSON_V1 -> transaction.append(i == 0 ? "" : ",").append(wal2JsonVersion1(i));
        case PGOUTPUT -> rows.add(pgOutput(i));
      }
    }
    if (plugin == Plugin.WAL2JSON_V1) {
      rows.add(row(transaction.append("]}").toString()));
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void decode(Blackhole blackhole) {
    for (RawRow row : rows) {
      blackhole.consume(commits.commitOf(row));
      decoder.decode(row, blackhole::consume);
    }
  }

  private List<String> values(int i) {
    return List.of(
        Long.toString(1_000_000_000L + i),
        "customer-" + i % 10,
        "1234." + (10 + i % 90),
        "x".repeat(note),
        "2026-01-31 12:34:56.789012+00");
  }

  private String testDecoding(int i) {
    StringBuilder row = new StringBuilder("table public.orders_" + i % TABLES);
    row.append(i % 2 == 0 ? ": INSERT:" : ": UPDATE:");
    for (int c = 0; c < COLUMNS.size(); c++) {
      String quote = c == 0 || c == 2 ? "" : "'";
      row.append(' ').append(COLUMNS.get(c).name()).append('[').append(typeName(c));
      row.append("]:").append(quote).append(values(i).get(c)).append(quote);
    }
    return row.toString();
  }

  private String wal2Json(int i) {
    StringBuilder row = new StringBuilder("{\"action\":\"" + (i % 2 == 0 ? 'I' : 'U'));
    row.append("\",\"timestamp\":\"2026-01-31 12:34:56.789+00\",\"schema\":\"public\",");
    row.append("\"table\":\"orders_").append(i % TABLES).append("\",\"columns\":[");
    for (int c = 0; c < COLUMNS.size(); c++) {
      row.append(c == 0 ? "" : ",").append(named(c)).append(",\"value\":").append(json(i, c));
      row.append('}');
    }
    row.append(']');
    if (i % 2 == 1) {
      row.append(",\"identity\":[").append(named(0)).append(",\"value\":").append(json(i, 0));
      row.append("}]");
    }
    return row.append(",\"pk\":[").append(named(0)).append("}]}").toString();
  }

  private static String named(int c) {
    Column column = COLUMNS.get(c);
    return "{\"name\":\"" + column.name() + "\",\"type\":\"" + column.type().name() + '"';
  }

  private String json(int i, int c) {
    String quote = c == 0 || c == 2 ? "" : "\"";
    return quote + values(i).get(c) + quote;
  }

  private String wal2JsonVersion1(int i) {
    StringBuilder names = new StringBuilder();
    StringBuilder types = new StringBuilder();
    StringBuilder values = new StringBuilder();
    for (int c = 0; c < COLUMNS.size(); c++) {
      String comma = c == 0 ? "" : ",";
      names.append(comma).append('"').append(COLUMNS.get(c).name()).append('"');
      types.append(comma).append('"').append(typeName(c)).append('"');
      values.append(comma).append(json(i, c));
    }
    return "{\"kind\":\""
        + (i % 2 == 0 ? "insert" : "update")
        + "\",\"schema\":\"public\",\"table\":\"orders_"
        + i % TABLES
        + "\",\"columnnames\":["
        + names
        + "],\"columntypes\":["
        + types
        + "],\"columnvalues\":["
        + values
        + ']'
        + (i % 2 == 0
            ? ""
            : ",\"oldkeys\":{\"keynames\":[\"id\"],\"keytypes\":[\"bigint\"],\"keyvalues\":["
                + values(i).get(0)
                + "]}")
        + '}';
  }

  private static RawRow pgOutputBegin() {
    return PgOutputBytes.message('B').int64(1).int64(0).int32(7).row();
  }

  private static RawRow pgOutputRelation(int table) {
    PgOutputBytes message =
        PgOutputBytes.message((char) RELATION)
            .int32(table + 1)
            .string("public")
            .string("orders_" + table)
            .int8('d')
            .int16(COLUMNS.size());
    for (int c = 0; c < COLUMNS.size(); c++) {
      message.int8(c == 0 ? 1 : 0).string(COLUMNS.get(c).name()).int32(TYPES[c]).int32(-1);
    }
    return message.row();
  }

  private RawRow pgOutput(int i) {
    return PgOutputBytes.message(i % 2 == 0 ? 'I' : 'U')
        .int32(i % TABLES + 1)
        .tuple('N', values(i).toArray(String[]::new))
        .row();
  }

  private static RawRow row(String text) {
    return new RawRow(new Lsn(1L << 40), 7, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String typeName(int column) {
    return COLUMNS.get(column).type().name();
  }
}

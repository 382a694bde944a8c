package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.kinesis.KinesisPublisher;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.relay.InstantPublisher;
import dev.pg2kinesis.relay.MeteredSlot;
import dev.pg2kinesis.relay.RelayBuilder;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.window.Spill;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the reading of a backlog scales. Prints Markdown tables. Arguments: the number of changes of
 * the smallest backlog; which tables: {@code linear}, {@code linear-http}, {@code ratio}, {@code
 * giant}, {@code row}, {@code idle}; how many MiB of rows wait in memory.
 */
final class DrainBenchmark implements AutoCloseable {

  private static final Duration LIFE = Duration.ofMinutes(30);
  private static final int MAX_RECORD_BYTES = 1 << 20;

  /** The default of {@code WINDOW_ROWS} in relation to a full-size unit. */
  private static final double WINDOW_PER_UNIT = 100_000.0 / 250_000;

  private static final String SLOT = "bench";

  /** Runs before what is measured, for the compiler, and runs of which the best counts. */
  private static final int WARM_UPS = 6;

  private static final int ROUNDS = 6;

  private final PostgresServer server;
  private final long unit;
  private final long spillThreshold;
  private String database = "";

  private DrainBenchmark(long unit, long spillThreshold) {
    this.unit = unit;
    this.spillThreshold =
        Spill.within(
                Runtime.getRuntime().maxMemory(),
                spillThreshold,
                Path.of(System.getProperty("java.io.tmpdir")))
            .thresholdBytes();
    Map<String, String> settings = new HashMap<>();
    settings.put("checkpoint_timeout", "1d");
    settings.put("max_wal_size", "60GB");
    settings.put("autovacuum", "off");
    settings.put("shared_buffers", "1GB"); // as RDS has it with 4 GB of memory
    if (Wal2Json.isInstalled()) {
      settings.putAll(Wal2Json.settings());
    }
    this.server = PostgresServer.start(Wal2Json.MAJOR, settings);
  }

  public static void main(String[] arguments) throws Exception {
    try (DrainBenchmark benchmark =
        new DrainBenchmark(Long.parseLong(arguments[0]), Long.parseLong(arguments[2]) << 20)) {
      for (String table : arguments[1].split(",", -1)) {
        switch (table) {
          case "linear" -> benchmark.linear(InstantPublisher::new);
          case "linear-http" -> {
            try (Endpoint endpoint = Endpoint.start()) {
              benchmark.linear(() -> endpoint.publisher(Packing.NONE));
            }
          }
          case "ratio" -> benchmark.ratio();
          case "giant" -> benchmark.giant();
          case "row" -> benchmark.row();
          case "idle" -> benchmark.idle();
          default -> throw new IllegalArgumentException(table);
        }
        System.out.println();
      }
    }
  }

  @Override
  public void close() {
    server.close();
  }

  /** What a run took. */
  private record Taken(
      double seconds, double cpuSeconds, RunReport report, long walRead, Lsn from, Lsn to) {

    double walRatio() {
      return (double) walRead / to.bytesSince(from);
    }
  }

  private enum Shape {
    PLAIN("transactions of 1,000, running-xacts every 15,000"),
    TINY("transactions of one, no running-xacts inside"),
    OPEN("transactions of 1,000, one open throughout");

    final String text;

    Shape(String text) {
      this.text = text;
    }
  }

  private void linear(Publishing publishing) throws Exception {
    System.out.println(
        "| backlog | plugin | changes | seconds | × the first | floor s | windows | WAL read per"
            + " WAL drained | live heap, most |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (Shape shape : Shape.values()) {
      begin("pgoutput");
      List<Lsn> ends = new ArrayList<>();
      String background =
          server.query(
              database,
              "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'");
      signal("STOP", background); // it writes the running-xacts records
      try (Connection open = server.connect(database);
          Statement held = open.createStatement()) {
        if (shape == Shape.OPEN) {
          held.execute("BEGIN");
          held.execute("INSERT INTO other VALUES (1)");
        }
        for (int units = 1; units <= 8; units++) {
          write(shape);
          if (Integer.bitCount(units) == 1) {
            ends.add(flush());
          }
        }
        for (int i = 0; i < WARM_UPS; i++) {
          drain(ends.get(0), Format.DEBEZIUM, publishing);
        }
        double first = 0;
        for (int i = 0; i < ends.size(); i++) {
          double floor = floor(Plugin.PGOUTPUT, ends.get(i));
          HeapWatch.start();
          Taken taken =
              best(
                  drain(ends.get(i), Format.DEBEZIUM, publishing),
                  drain(ends.get(i), Format.DEBEZIUM, publishing));
          first = i == 0 ? taken.seconds() : first;
          print(
              "| %s | pgoutput | %,d | %.2f | %.1f | %.2f | %d | %.1f | %d MB |",
              shape.text,
              unit << i,
              taken.seconds(),
              taken.seconds() / first,
              floor,
              taken.report().counts().windows(),
              taken.walRatio(),
              HeapWatch.mostMegabytes());
        }
      } finally {
        signal("CONT", background);
        end();
      }
    }
  }

  private static Taken best(Taken a, Taken b) {
    return a.seconds() <= b.seconds() ? a : b;
  }

  private void write(Shape shape) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement sql = connection.createStatement()) {
      sql.execute("SET synchronous_commit = off");
      if (shape == Shape.TINY) {
        sql.execute(
            "DO $$ BEGIN FOR i IN 1.."
                + unit
                + " LOOP INSERT INTO t (v) VALUES ('some text of a row'); COMMIT; END LOOP; END $$");
      } else {
        for (long written = 0; written < unit; written += 1_000) {
          sql.execute(
              "INSERT INTO t (v) SELECT 'some text of a row' FROM generate_series(1, 1000)");
          if (shape == Shape.PLAIN && written % 15_000 == 0) {
            sql.execute("CHECKPOINT");
          }
        }
      }
      sql.execute("SET synchronous_commit = on");
      sql.execute("INSERT INTO other VALUES (2)");
    }
  }

  private void ratio() throws Exception {
    System.out.println(
        "| plugin | format | packing | publishing to | changes | seconds | changes/s | function's CPU"
            + " s | endpoint's CPU s | floor s | received s | floor / whole |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    try (Endpoint endpoint = Endpoint.start()) {
      List<String> plugins = new ArrayList<>(List.of("pgoutput", "test_decoding"));
      if (Wal2Json.isInstalled()) {
        plugins.add("wal2json");
      }
      for (String plugin : plugins) {
        begin(plugin);
        write(Shape.PLAIN);
        Lsn end = flush();
        Plugin of = Plugin.ofSlot(plugin).orElseThrow();
        for (Format format : List.of(Format.DEBEZIUM, Format.CSV)) {
          for (Packing packing : List.of(Packing.NONE, Packing.LINES)) {
            ratioRow(of, format, packing, endpoint, end, () -> endpoint.publisher(packing));
          }
          ratioRow(of, format, Packing.NONE, null, end, InstantPublisher::new);
        }
        end();
      }
    }
  }

  /** Opens a publisher for a run. */
  private interface Publishing {
    Publisher open();
  }

  private void ratioRow(
      Plugin plugin,
      Format format,
      Packing packing,
      @Nullable Endpoint endpoint,
      Lsn end,
      Publishing publishing) {
    for (int i = 0; i < WARM_UPS; i++) {
      drain(end, format, publishing);
    }
    double floor = Double.MAX_VALUE;
    double received = Double.MAX_VALUE;
    double endpointCpu = Double.MAX_VALUE;
    Taken taken = null;
    for (int i = 0; i < ROUNDS; i++) {
      floor = Math.min(floor, floor(plugin, end));
      received = Math.min(received, received(end));
      double before = (endpoint == null ? 0 : endpoint.cpuSeconds());
      Taken another = drain(end, format, publishing);
      endpointCpu = Math.min(endpointCpu, (endpoint == null ? 0 : endpoint.cpuSeconds()) - before);
      taken = taken == null ? another : best(taken, another);
    }
    Taken best = Objects.requireNonNull(taken);
    print(
        "| %s | %s | %s | %s | %,d | %.2f | %,.0f | %.2f | %.2f | %.2f | %.2f | %.2f |",
        plugin.slotName(),
        format.settingName(),
        packing.name().toLowerCase(Locale.ROOT),
        endpoint == null ? "nothing" : "HTTP",
        best.report().counts().changes(),
        best.seconds(),
        best.report().counts().changes() / best.seconds(),
        best.cpuSeconds(),
        endpointCpu,
        floor,
        received,
        floor / best.seconds());
  }

  /** What a client needs that only takes the rows off the server. */
  private double received(Lsn end) {
    try (Slot slot = PostgresSlot.open(server.login(database), SLOT, List.of("p"), 2, LIFE)) {
      long began = System.nanoTime();
      try (Slot.Peek peek = slot.peek(end, Integer.MAX_VALUE, LIFE)) {
        while (peek.next() != null) {
          // nothing is done with it
        }
      }
      return (System.nanoTime() - began) / 1e9;
    }
  }

  private static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  /** A stream that acknowledges at once, in a separate process. */
  private record Endpoint(Process process, KinesisStream stream) implements AutoCloseable {

    static Endpoint start() throws IOException {
      Process process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-Xmx512m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BenchmarkEndpoint.class.getName())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      System.setProperty("aws.region", "us-east-1");
      System.setProperty("aws.accessKeyId", "test");
      System.setProperty("aws.secretAccessKey", "test");
      System.setProperty("aws.endpointUrlKinesis", process.inputReader(UTF_8).readLine());
      return new Endpoint(process, KinesisStream.at(new StreamAddress("bench")));
    }

    Publisher publisher(Packing packing) {
      return KinesisPublisher.open(
          stream, PublisherConfiguration.defaults().withPacking(packing), () -> LIFE.toMillis());
    }

    double cpuSeconds() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    }

    /** Ends the process by the end of its standard input. */
    @Override
    public void close() throws IOException, InterruptedException {
      stream.close();
      process.getOutputStream().close();
      process.waitFor();
    }
  }

  private void giant() throws Exception {
    System.out.println(
        "| transaction | plugin | changes | seconds | floor s | oversized | live heap, most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (String plugin : List.of("pgoutput", "test_decoding")) {
      giant(
          plugin,
          4 * unit + " rows",
          "INSERT INTO t (v) SELECT 'some text of a row' FROM generate_series(1, "
              + 4 * unit
              + ")");
      giant(
          plugin,
          "600 rows of 1 MiB",
          "INSERT INTO t (v) SELECT repeat('x', 1024 * 1024) FROM generate_series(1, 600)");
      giant(
          plugin,
          "50,000 subtransactions",
          "DO $$ BEGIN FOR i IN 1..50000 LOOP BEGIN INSERT INTO t (v) VALUES ('s');"
              + " EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$");
    }
  }

  private void giant(String plugin, String name, String... sql) throws Exception {
    begin(plugin);
    server.execute(database, "ALTER TABLE t ALTER v SET STORAGE EXTERNAL");
    server.execute(database, sql);
    double floor = floor(Plugin.ofSlot(plugin).orElseThrow(), flush());
    HeapWatch.start();
    Taken taken = drain(flush());
    print(
        "| %s | %s | %,d | %.2f | %.2f | %d | %d MB |",
        name,
        plugin,
        taken.report().counts().changes(),
        taken.seconds(),
        floor,
        taken.report().counts().oversized(),
        HeapWatch.mostMegabytes());
    end();
  }

  private void row() throws Exception {
    System.out.println(
        "| row | plugin | changes | seconds | floor s | oversized | live heap, most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (String plugin : List.of("pgoutput", "test_decoding")) {
      giant(
          plugin,
          "one of 100 MB of jsonb",
          "CREATE TABLE j (id int PRIMARY KEY, v jsonb)",
          "INSERT INTO j SELECT 1, jsonb_agg(repeat('x', 1000000)) FROM generate_series(1, 100)");
    }
  }

  private void idle() throws Exception {
    begin("pgoutput");
    System.out.println("| idle slot | milliseconds |");
    System.out.println("|---|---|");
    double connecting = Double.MAX_VALUE;
    double whole = Double.MAX_VALUE;
    for (int i = 0; i < 30; i++) {
      long began = System.nanoTime();
      server.connect(database).close();
      connecting = Math.min(connecting, (System.nanoTime() - began) / 1e6);
      server.execute("postgres", "CREATE TABLE noise" + i + " ()");
      Lsn end = flush();
      began = System.nanoTime();
      drainOnce(SLOT, end, Format.DEBEZIUM, InstantPublisher::new);
      whole = Math.min(whole, (System.nanoTime() - began) / 1e6);
    }
    print("| connecting alone, best of 30 | %.1f |", connecting);
    print("| a warm run with a few foreign records to pass, best of 30 | %.1f |", whole);
    server.execute(
        "postgres",
        "CREATE TABLE foreigner AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, "
            + 4 * unit
            + ") i");
    Taken taken = drainOnce(SLOT, flush(), Format.DEBEZIUM, InstantPublisher::new);
    print(
        "| behind %,d MB of foreign WAL, released in one run of %d windows | %.0f |",
        taken.to().bytesSince(taken.from()) >> 20,
        taken.report().counts().windows(),
        taken.seconds() * 1_000);
    end();
  }

  private void begin(String plugin) {
    database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE t (id bigserial PRIMARY KEY, v text)",
        "CREATE TABLE other (i int)",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + SLOT + "', '" + plugin + "')");
  }

  private void end() {
    server.execute(database, "SELECT pg_drop_replication_slot('" + SLOT + "')");
    server.execute("postgres", "DROP DATABASE " + database, "CHECKPOINT");
  }

  private Lsn flush() {
    return Lsn.parse(server.query(database, "SELECT pg_current_wal_flush_lsn()"));
  }

  /** What the server needs alone, without a row leaving it. */
  private double floor(Plugin plugin, Lsn end) {
    StringBuilder call =
        new StringBuilder(
            plugin.binary()
                ? "pg_logical_slot_peek_binary_changes("
                : "pg_logical_slot_peek_changes(");
    call.append("'" + SLOT + "', '" + end + "', NULL");
    plugin.options(150_000, List.of("p")).forEach(o -> call.append(", '" + o + "'"));
    long began = System.nanoTime();
    server.execute(
        database,
        "SET logical_decoding_work_mem = '256MB'", // as the session has it here
        "SELECT count(*) FROM " + call + ")");
    return (System.nanoTime() - began) / 1e9;
  }

  private Taken drain(Lsn end) {
    return drain(end, Format.DEBEZIUM, InstantPublisher::new);
  }

  /** Drains a copy of the slot up to a position. */
  private Taken drain(Lsn end, Format format, Publishing publishing) {
    String copy = SLOT + "_copy";
    server.query(
        database, "SELECT pg_copy_logical_replication_slot('" + SLOT + "', '" + copy + "')");
    try {
      return drainOnce(copy, end, format, publishing);
    } finally {
      server.query(database, "SELECT pg_drop_replication_slot('" + copy + "')");
    }
  }

  private Taken drainOnce(String name, Lsn end, Format format, Publishing publishing) {
    long began = System.nanoTime();
    double cpuBefore = cpuSeconds();
    try (Slot slot = PostgresSlot.open(server.login(database), name, List.of("p"), 2, LIFE);
        Publisher publisher = publishing.open()) {
      MeteredSlot metered = new MeteredSlot(slot, end);
      Lsn from = slot.position().confirmed();
      RunReport report = relay(metered, publisher, format).poll();
      if (report.outcome() != RunReport.Outcome.CAUGHT_UP) {
        throw new IllegalStateException("not drained: " + report);
      }
      return new Taken(
          (System.nanoTime() - began) / 1e9,
          cpuSeconds() - cpuBefore,
          report,
          metered.walRead,
          from,
          end);
    }
  }

  private RelayBuilder relay(Slot slot, Publisher publisher, Format format) {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(
                    new FormatContext(database, SLOT, "1", slot.plugin() == Plugin.WAL2JSON)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.MARKER,
                MAX_RECORD_BYTES,
                SLOT));
    return RelayBuilder.over(slot, publisher)
        .records(records)
        .window((long) (unit * WINDOW_PER_UNIT), 256L << 20)
        .spillingAfter(spillThreshold);
  }

  private static void signal(String name, String pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
  }

  @SuppressWarnings("AnnotateFormatMethod") // Its callers pass formats; the locale is what it adds.
  private static void print(String format, Object... arguments) {
    System.out.println(String.format(Locale.ROOT, format, arguments));
  }
}

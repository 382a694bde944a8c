package dev.pg2kinesis;

import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.command.RunClock;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.relay.InstantPublisher;
import dev.pg2kinesis.relay.RelayBuilder;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * How fast a snapshot loads a table, beside {@code COPY (SELECT …) TO STDOUT} of the same table by
 * the same driver. Prints a Markdown table. Arguments: rows of about 100 bytes; rows of 1 MiB.
 */
final class SnapshotBenchmark {

  private static final Duration LIFE = Duration.ofMinutes(30);
  private static final String SLOT = "bench";
  private static final int ROUNDS = 3;

  private SnapshotBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    try (PostgresServer server =
        PostgresServer.start(
            15, Map.of("autovacuum", "off", "shared_buffers", "1GB", "max_wal_size", "60GB"))) {
      System.out.println(
          "| rows | format | COPY s | snapshot s | COPY / snapshot | rows/s | MB/s | live heap, most"
              + " | oldest change, ms |");
      System.out.println("|---|---|---|---|---|---|---|---|---|");
      table(server, "narrow", Long.parseLong(arguments[0]), "md5(i::text) || repeat('x', 50)");
      table(server, "of 1 MiB", Long.parseLong(arguments[1]), "repeat(md5(i::text), 32768)");
    }
  }

  private static void table(PostgresServer server, String name, long rows, String value)
      throws Exception {
    String database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE t (id bigint PRIMARY KEY, n numeric, v text)",
        "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE live (id bigint PRIMARY KEY)",
        "INSERT INTO t SELECT i, i / 7.0, " + value + " FROM generate_series(1, " + rows + ") i",
        "VACUUM ANALYZE t",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
    try {
      for (Format format : List.of(Format.CSV, Format.DEBEZIUM)) {
        measure(server, database, name, rows, format);
      }
    } finally {
      server.query(database, "SELECT pg_drop_replication_slot('" + SLOT + "')");
    }
  }

  /** The best of some rounds each, in turn, so that both meet the same machine. */
  private static void measure(
      PostgresServer server, String database, String name, long rows, Format format)
      throws Exception {
    double copySeconds = Double.MAX_VALUE;
    double snapshotSeconds = Double.MAX_VALUE;
    long bytes = 0;
    long age = 0;
    HeapWatch.start();
    for (int round = 0; round < ROUNDS; round++) {
      long began = System.nanoTime();
      bytes = copy(server, database);
      copySeconds = Math.min(copySeconds, (System.nanoTime() - began) / 1e9);
      catchUp(server, database);
      began = System.nanoTime();
      RunReport report = snapshot(server, database, format);
      snapshotSeconds = Math.min(snapshotSeconds, (System.nanoTime() - began) / 1e9);
      if (report.counts().snapshotRows() != rows) {
        throw new IllegalStateException("not loaded: " + report);
      }
      Long oldest = report.counts().oldestPublishedAgeMillis();
      age = Math.max(age, oldest == null ? 0 : oldest);
    }
    System.out.printf(
        "| %,d %s | %s | %.2f | %.2f | %.2f | %,.0f | %.1f | %d MB | %d |%n",
        rows,
        name,
        format,
        copySeconds,
        snapshotSeconds,
        copySeconds / snapshotSeconds,
        rows / snapshotSeconds,
        bytes / snapshotSeconds / (1 << 20),
        HeapWatch.mostMegabytes(),
        age);
  }

  private static long copy(PostgresServer server, String database) throws SQLException {
    long bytes = 0;
    try (Connection connection = server.connect(database)) {
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("COPY (SELECT id, n, v FROM t ORDER BY id) TO STDOUT");
      for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
        bytes += row.length;
      }
    }
    return bytes;
  }

  /** Publishes what was written after the last run's end: its age says nothing about loading. */
  private static void catchUp(PostgresServer server, String database) {
    try (Slot slot = PostgresSlot.open(server.login(database), SLOT, List.of("p"), 2, LIFE)) {
      RelayBuilder.over(slot, new InstantPublisher()).poll();
    }
  }

  /** Loads the table while another is written to, at about 200 transactions a second. */
  private static RunReport snapshot(PostgresServer server, String database, Format format)
      throws InterruptedException {
    Writer writer = new Writer(server, database);
    writer.start();
    try (Slot slot = PostgresSlot.open(server.login(database), SLOT, List.of("p"), 2, LIFE)) {
      RecordMaker records =
          new RecordMaker(
              new RecordMaker.Plan(
                  format.formatter(new FormatContext(database, SLOT, "1", false)),
                  PartitionKey.PRIMARY_KEY,
                  ChangeFilter.ALL,
                  Oversize.MARKER,
                  10 << 20,
                  SLOT));
      SnapshotState state =
          SnapshotState.begin(
              Instant.now(), List.of(SnapshotState.Table.waiting(new TableName("public", "t"), 0)));
      return RelayBuilder.over(slot, new InstantPublisher())
          .records(records)
          .snapshot(
              new SnapshotRun(
                  slot.tables(),
                  state,
                  records,
                  kept -> {},
                  new RunClock(LIFE::toMillis),
                  Runtime.getRuntime().maxMemory() / 16))
          .poll();
    } finally {
      writer.ended = true;
      writer.join();
    }
  }

  private static final class Writer extends Thread {
    private final PostgresServer server;
    private final String database;
    private volatile boolean ended;

    Writer(PostgresServer server, String database) {
      this.server = server;
      this.database = database;
    }

    @Override
    public void run() {
      try (Connection connection = server.connect(database);
          Statement sql = connection.createStatement()) {
        while (!ended) {
          sql.execute("INSERT INTO live SELECT coalesce(max(id), 0) + 1 FROM live");
          LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}

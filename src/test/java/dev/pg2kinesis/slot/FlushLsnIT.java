package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Commits that are written to the operating system but not flushed are not decoded yet. The slot's
 * position must not reach over them, or the run that peeked before the flush and advanced after it
 * would lose them.
 */
@Timeout(120)
class FlushLsnIT {

  private static final Duration LIFE = Duration.ofSeconds(60);
  private static final String SLOT = "flush";

  private PostgresServer server;
  private String database = "";
  private String flusher = "";

  @BeforeEach
  void start() {
    // With so few buffers a backend soon writes others' WAL to make room, and flushes none.
    server = PostgresServer.start(15, Map.of("wal_buffers", "64kB", "autovacuum", "off"));
    database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE t (id serial PRIMARY KEY, v text)",
        "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'test_decoding')");
    flusher =
        server.query(database, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'");
    signal("STOP");
    PostgresServer.await(this::isStopped);
  }

  @AfterEach
  void stop() {
    signal("CONT");
    server.close();
  }

  /** Where the server runs: the same number is another process here if that is a container. */
  private void signal(String name) {
    server.shell("kill -" + name + " " + flusher);
  }

  private boolean isStopped() {
    return server
        .shell(
            "sed 's/.*) //' /proc/%1$s/stat 2>/dev/null || ps -o state= -p %1$s".formatted(flusher))
        .startsWith("T");
  }

  @Test
  void anAdvanceToThePositionLosesNoCommitThatWasWrittenButNotFlushed() throws SQLException {
    int committed = commitWithoutFlush();
    try (PostgresSlot slot = PostgresSlot.open(server.login(database), SLOT, List.of(), 2, LIFE)) {
      Slot.Position position = slot.position();
      int seenBefore = commits(slot, position);
      assertThat(seenBefore).isLessThan(committed);

      server.execute(database, "INSERT INTO t (v) VALUES ('this flushes all before it')");
      slot.advance(position.flush());

      assertThat(seenBefore + commits(slot, slot.position())).isEqualTo(committed + 1);
    }
  }

  /** Commits until some commits are written and not flushed; tells how many there are in all. */
  private int commitWithoutFlush() throws SQLException {
    try (Connection connection = server.connect(database);
        Statement sql = connection.createStatement()) {
      sql.execute("SET synchronous_commit = off");
      for (int committed = 1; ; committed++) {
        assertThat(committed).as("commits until WAL is written without a flush").isLessThan(5_000);
        sql.execute("INSERT INTO t (v) VALUES (repeat('x', 1000))");
        try (ResultSet row =
            sql.executeQuery(
                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), pg_current_wal_flush_lsn())"
                    + " > 20000")) {
          row.next();
          if (row.getBoolean(1)) {
            return committed;
          }
        }
      }
    }
  }

  /** Reads all that there is up to a position's flush LSN, and counts the commits. */
  private static int commits(Slot slot, Slot.Position position) {
    int commits = 0;
    try (Slot.Peek peek = slot.peek(position.flush(), 1_000_000, LIFE)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        commits += row.bytes()[0] == 'C' ? 1 : 0;
      }
    }
    return commits;
  }
}

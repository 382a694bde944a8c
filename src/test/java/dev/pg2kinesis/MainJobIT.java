package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The main job on real servers: whatever happened in the database arrives once, in order, and the
 * next run finds nothing.
 */
@ParameterizedClass(name = "PostgreSQL {0}, {1}")
@MethodSource("servers")
class MainJobIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private final LocalDeployment deployment;

  MainJobIT(int major, String plugin) {
    deployment = LocalDeployment.on(PostgresServer.shared(major), kinesis, 2);
    deployment.sql("CREATE PUBLICATION everything FOR ALL TABLES");
    deployment.with("PUBLICATION_NAMES", "everything").withSlot(plugin);
  }

  static Stream<Arguments> servers() {
    return Stream.of(15, 18)
        .flatMap(
            major ->
                Stream.of("test_decoding", "pgoutput").map(plugin -> Arguments.of(major, plugin)));
  }

  /** One change as a consumer sees it. */
  private record Event(String key, JsonNode json) {

    String op() {
      return json.path("op").asText();
    }

    String text(String version, String column) {
      return json.path(version).path(column).asText();
    }
  }

  private List<Event> run() {
    assertThat(deployment.invoke("{\"action\":\"poll\"}").path("outcome").asText())
        .isEqualTo("CAUGHT_UP");
    List<Event> events = new ArrayList<>();
    for (Record r : deployment.newRecords()) {
      try {
        events.add(new Event(r.partitionKey(), JSON.readTree(r.data().asByteArray())));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    JsonNode next = deployment.invoke("{\"action\":\"poll\"}");
    assertThat(next.path("records").asInt()).as("records of the next run").isZero();
    assertThat(next.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(deployment.newRecords()).isEmpty();
    return events;
  }

  private void inSessions(Sessions work) {
    try (Connection first = PostgresServer.shared(major()).connect(deployment.database());
        Connection second = PostgresServer.shared(major()).connect(deployment.database());
        Statement a = first.createStatement();
        Statement b = second.createStatement()) {
      work.run(a, b);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Sessions {
    void run(Statement a, Statement b) throws SQLException;
  }

  private int major() {
    return Integer.parseInt(deployment.query("SHOW server_version_num")) / 10_000;
  }

  @Test
  void interleavedTransactionsArriveInCommitOrderOfEachKey() {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY, v int)");
    inSessions(
        (a, b) -> {
          a.execute("INSERT INTO t SELECT i, 0 FROM generate_series(1, 5) i");
          for (int round = 1; round <= 4; round++) {
            a.execute("BEGIN");
            b.execute("BEGIN");
            a.execute("UPDATE t SET v = v + 1 WHERE id = 1");
            b.execute("UPDATE t SET v = v + 1 WHERE id = 2");
            a.execute("UPDATE t SET v = v + 1 WHERE id = 3");
            b.execute("UPDATE t SET v = v + 1 WHERE id IN (4, 5)");
            b.execute("COMMIT");
            a.execute("COMMIT");
          }
        });

    Map<String, List<Integer>> versions = new HashMap<>();
    for (Event event : run()) {
      versions
          .computeIfAbsent(event.text("after", "id"), id -> new ArrayList<>())
          .add(event.json.path("after").path("v").asInt());
    }
    assertThat(versions).hasSize(5);
    versions.values().forEach(v -> assertThat(v).containsExactly(0, 1, 2, 3, 4));
  }

  @Test
  void whatWasRolledBackDoesNotArrive() {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    inSessions(
        (a, b) -> {
          a.execute("BEGIN");
          a.execute("INSERT INTO t VALUES (1)");
          a.execute("SAVEPOINT s1");
          a.execute("INSERT INTO t VALUES (2)");
          a.execute("SAVEPOINT s2");
          a.execute("INSERT INTO t VALUES (3)");
          a.execute("ROLLBACK TO s1");
          a.execute("INSERT INTO t VALUES (4)");
          a.execute("RELEASE s1");
          a.execute("COMMIT");
          b.execute("BEGIN");
          b.execute("INSERT INTO t VALUES (5)");
          b.execute("ROLLBACK");
        });

    assertThat(run()).extracting(e -> e.text("after", "id")).containsExactlyInAnyOrder("1", "4");
  }

  @Test
  void aTransactionMayChangeATableItWritesTo() {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY, v text)");
    inSessions(
        (a, b) -> {
          a.execute("BEGIN");
          a.execute("INSERT INTO t VALUES (1, 'one')");
          a.execute("ALTER TABLE t ADD COLUMN w int DEFAULT 7");
          a.execute("INSERT INTO t VALUES (2, 'two', 8)");
          a.execute("ALTER TABLE t DROP COLUMN v");
          a.execute("INSERT INTO t VALUES (3, 9)");
          a.execute("COMMIT");
        });

    assertThat(run())
        .extracting(e -> e.json.path("after").toString())
        .containsExactlyInAnyOrder(
            "{\"id\":1,\"v\":\"one\"}", "{\"id\":2,\"v\":\"two\",\"w\":8}", "{\"id\":3,\"w\":9}");
  }

  @Test
  void anIdleSlotIsReleasedBehindForeignWal() {
    PostgresServer server = PostgresServer.shared(major());
    String other = server.createDatabase();
    server.execute(
        other,
        "CREATE TABLE noise AS SELECT i, repeat('x', 500) AS x FROM generate_series(1, 20000) i");
    String flush = deployment.query("SELECT pg_current_wal_flush_lsn()");

    assertThat(run()).isEmpty();

    assertThat(
            deployment.query("SELECT '" + deployment.position() + "'::pg_lsn >= '" + flush + "'"))
        .isEqualTo("t");
  }

  @Test
  void fullReplicaIdentityBringsTheOldRow() {
    deployment.sql(
        "CREATE TABLE t (id int PRIMARY KEY, a text, b text)",
        "ALTER TABLE t REPLICA IDENTITY FULL",
        "INSERT INTO t VALUES (1, 'x', NULL)",
        "UPDATE t SET b = 'y'",
        "DELETE FROM t");

    List<Event> events = run();

    assertThat(events).extracting(Event::op).containsExactly("c", "u", "d");
    assertThat(events)
        .extracting(e -> e.json.path("before").toString())
        .containsExactly(
            "null", "{\"id\":1,\"a\":\"x\",\"b\":null}", "{\"id\":1,\"a\":\"x\",\"b\":\"y\"}");
    assertThat(events).extracting(Event::key).containsOnly(events.get(0).key());
  }

  @Test
  void aTableWithoutAKeyIsKeyedByItsName() {
    deployment.sql(
        "CREATE TABLE nokey (v text)", "INSERT INTO nokey VALUES ('a'), ('b'), (NULL), ('null')");

    List<Event> events = run();

    assertThat(events)
        .extracting(e -> e.json.path("after").path("v").toString())
        .containsExactly("\"a\"", "\"b\"", "null", "\"null\"");
    assertThat(events).extracting(Event::key).containsOnly("public.nokey");
  }

  @Test
  void truncatesArrive() {
    deployment.sql(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "INSERT INTO a VALUES (1)",
        "TRUNCATE a, b");

    List<Event> events = run();

    assertThat(events).extracting(Event::op).containsExactlyInAnyOrder("c", "t", "t");
    assertThat(events)
        .filteredOn(e -> e.op().equals("t"))
        .extracting(e -> e.json.path("source").path("table").asText())
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void logicalMessagesArrive() {
    deployment.sql(
        "SELECT pg_logical_emit_message(true, 'outbox', 'within a transaction')",
        "SELECT pg_logical_emit_message(false, 'outbox', 'alone')",
        // A message outside any transaction is not flushed by itself; the next commit does it.
        "CREATE TABLE flushed ()");

    List<Event> events = run();

    assertThat(events).extracting(Event::op).containsExactly("m", "m");
    assertThat(events).extracting(Event::key).containsOnly("message|outbox");
  }

  @Test
  void unchangedToastIsMarked() {
    deployment.sql(
        "CREATE TABLE t (id int PRIMARY KEY, n int, big text)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t VALUES (1, 1, repeat('z', 10000))",
        "UPDATE t SET n = 2",
        "INSERT INTO t VALUES (2, 1, 'unchanged-toast-datum')");

    List<Event> events =
        run().stream().filter(e -> !e.text("after", "big").startsWith("zz")).toList();

    assertThat(events)
        .extracting(e -> e.text("after", "big"))
        .containsExactlyInAnyOrder("__debezium_unavailable_value", "unchanged-toast-datum");
  }

  @Test
  void whatCommitsInAnyWindowSizeArrivesOnce() {
    deployment.with("WINDOW_ROWS", "7").with("WINDOW_WAL_MB", "1");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY, v int)");
    for (int i = 0; i < 30; i++) {
      deployment.sql(
          "INSERT INTO t SELECT " + i * 10 + " + j, 0 FROM generate_series(0, 9) j",
          "UPDATE t SET v = v + 1 WHERE id % 10 = " + i % 10);
    }

    List<Event> events = run();

    assertThat(events).filteredOn(e -> e.op().equals("c")).hasSize(300);
    assertThat(events).filteredOn(e -> e.op().equals("u")).hasSize(465);
  }
}

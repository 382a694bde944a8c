package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresCopy;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Failovers, restores and crashes on real servers: never a silent gap. */
class FailoverIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String CREATE = "{\"action\":\"create-slot\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();
  private static Moto moto;
  private static int names;

  private final List<String> delivered = new ArrayList<>();

  @BeforeAll
  static void startServices() {
    moto = Moto.start();
    System.setProperty("aws.endpointUrlSsm", moto.endpoint().toString());
  }

  @AfterAll
  static void stopServices() {
    System.clearProperty("aws.endpointUrlSsm");
    if (moto != null) {
      moto.close();
    }
  }

  private static LocalDeployment on(PostgresServer server) {
    LocalDeployment deployment =
        LocalDeployment.on(server, kinesis, 1)
            .with("WATERMARK_PARAMETER", "/failover/watermark" + ++names)
            .with("FORMAT", "csv");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    return deployment;
  }

  private List<String> poll(LocalDeployment deployment) {
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
    List<String> ids =
        deployment.newPayloads().stream().map(p -> p.substring(p.lastIndexOf(',') + 1)).toList();
    delivered.addAll(ids);
    return ids;
  }

  private static String confirmed(PostgresCopy server, String slot) {
    return server.query(
        "postgres",
        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + slot + "'");
  }

  private static PostgresServer primary(int major) {
    return PostgresServer.start(
        major, Map.of("max_replication_slots", "10", "wal_keep_size", "512MB"));
  }

  @Test
  void aStandbyPromotedWithoutTheSlotIsNotTakenForTheSameSlot() {
    try (PostgresServer primary = primary(15)) {
      LocalDeployment deployment = on(primary);
      try (PostgresCopy standby = PostgresCopy.of(primary).following(primary).start()) {
        deployment.invoke(CREATE);
        deployment.sql("INSERT INTO t VALUES (1)");
        assertThat(poll(deployment)).containsExactly("1");
        String moved = deployment.position();
        deployment.sql("INSERT INTO t VALUES (2)");
        awaitReplay(primary, standby);
        standby.promote();
        deployment.with("PGPORT", Integer.toString(standby.port()));

        assertThatThrownBy(() -> deployment.invoke(POLL))
            .hasMessageStartingWith("SLOT_MISSING: there is no slot " + deployment.slot());

        deployment.invoke(CREATE);
        standby.execute(deployment.database(), "INSERT INTO t VALUES (3)");
        String slot = confirmed(standby, deployment.slot());
        assertThatThrownBy(() -> deployment.invoke(POLL))
            .hasMessageStartingWith("GAP: slot " + deployment.slot() + " is at " + slot)
            .hasMessageContaining("moved it to " + moved)
            .hasMessageContaining("\"acceptGap\":\"" + slot + "\"")
            .hasMessageEndingWith("Changes may be missing from the stream.");
        assertThat(confirmed(standby, deployment.slot())).isEqualTo(slot);
        assertThatThrownBy(
                () -> deployment.invoke("{\"action\":\"poll\",\"acceptGap\":\"" + moved + "\"}"))
            .hasMessageStartingWith("GAP: ");

        deployment.invoke("{\"action\":\"poll\",\"acceptGap\":\"" + slot + "\"}");

        assertThat(poll(deployment)).containsExactly("3");
        standby.execute(deployment.database(), "INSERT INTO t VALUES (4)");
        assertThat(poll(deployment)).containsExactly("4");
      }
    }
  }

  @Test
  void aSynchronisedFailoverSlotGoesOnAndNothingIsLost() {
    try (PostgresServer primary = primary(18)) {
      LocalDeployment deployment = on(primary);
      deployment.invoke("{\"action\":\"create-slot\",\"failover\":true}");
      primary.execute("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
      try (PostgresCopy standby =
          PostgresCopy.of(primary)
              .following(primary)
              .with("primary_slot_name", "standby")
              .start()) {
        deployment.sql("INSERT INTO t VALUES (1)");
        poll(deployment);
        awaitReplay(primary, standby);
        PostgresServer.await(() -> synced(primary, standby, deployment));
        deployment.sql("INSERT INTO t VALUES (2)");
        poll(deployment); // published, and the standby's copy of the slot does not know
        deployment.sql("INSERT INTO t VALUES (3)");
        awaitReplay(primary, standby);
        standby.promote();
        deployment.with("PGPORT", Integer.toString(standby.port()));
        standby.execute(deployment.database(), "INSERT INTO t VALUES (4)");

        assertThat(poll(deployment)).endsWith("3", "4").isSubsetOf("1", "2", "3", "4");

        assertThat(new TreeSet<>(delivered)).containsExactly("1", "2", "3", "4");
        assertThat(poll(deployment)).isEmpty();
      }
    }
  }

  @Test
  void aSnapshotGoesOnAfterAFailover() throws IOException, SQLException {
    try (PostgresServer primary = primary(18)) {
      LocalDeployment deployment = on(primary);
      deployment.sql(
          "CREATE TABLE loaded (id int PRIMARY KEY, v int, big text)",
          "ALTER TABLE loaded ALTER big SET STORAGE EXTERNAL",
          "INSERT INTO loaded SELECT i, 0, CASE i % 10 WHEN 0 THEN repeat(md5(i::text), 70) END"
              + " FROM generate_series(1, 1200) i");
      deployment.invoke("{\"action\":\"create-slot\",\"failover\":true}");
      primary.execute("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
      try (PostgresCopy standby =
          PostgresCopy.of(primary)
              .following(primary)
              .with("primary_slot_name", "standby")
              .start()) {
        PostgresServer.await(() -> synced(primary, standby, deployment));
        deployment.with("FORMAT", "debezium");
        deployment.invoke("{\"action\":\"snapshot\",\"tables\":[\"loaded\"]}");
        while (loaded(deployment) == 0) {
          loadOneChunk(primary, deployment);
        }
        assertThat(loaded(deployment)).isLessThan(1_200);
        deployment.sql(
            "UPDATE loaded SET v = 1 WHERE id % 3 = 0",
            "DELETE FROM loaded WHERE id % 50 = 1", "INSERT INTO loaded VALUES (5000, 1, 'new')");
        awaitReplay(primary, standby);
        standby.promote();
        deployment.with("PGPORT", Integer.toString(standby.port()));
        standby.execute(
            deployment.database(),
            "UPDATE loaded SET v = v + 10 WHERE id % 5 = 0",
            "DELETE FROM loaded WHERE id % 50 = 2");

        PostgresServer.await(
            () -> {
              deployment.invoke(POLL);
              return snapshot(deployment).path("state").asText().equals("done");
            });

        String source = standby.query(deployment.database(), "SELECT json_agg(l) FROM loaded l");
        Map<Integer, JsonNode> rows = new TreeMap<>();
        JSON.readTree(source).forEach(row -> rows.put(row.path("id").asInt(), row));
        assertThat(consumed(deployment.newPayloads())).isEqualTo(rows);
      }
    }
  }

  /**
   * Lets a run read one chunk of the table, and locks the table before the next one. A run that
   * waits longer than a second for the first chunk reads none.
   */
  private static void loadOneChunk(PostgresServer server, LocalDeployment deployment)
      throws SQLException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Connection before = server.connect(deployment.database());
        Connection behind = server.connect(deployment.database())) {
      lock(before);
      Future<JsonNode> run = threads.submit(() -> deployment.invoke(POLL));
      PostgresServer.await(() -> run.isDone() || waiting(deployment) == 1);
      Future<?> locked =
          threads.submit(
              () -> {
                lock(behind);
                return null;
              });
      PostgresServer.await(() -> run.isDone() || waiting(deployment) == 2);
      before.rollback();
      assertThat(run).succeedsWithin(Duration.ofMinutes(1));
      assertThat(locked).succeedsWithin(Duration.ofMinutes(1));
      behind.rollback();
    } finally {
      threads.shutdownNow();
    }
  }

  private static void lock(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE loaded");
    }
  }

  private static int waiting(LocalDeployment deployment) {
    return Integer.parseInt(
        deployment.query(
            "SELECT count(*) FROM pg_locks"
                + " WHERE relation = 'loaded'::regclass AND NOT granted"));
  }

  private static JsonNode snapshot(LocalDeployment deployment) {
    return deployment.invoke("{\"action\":\"status\"}").path("snapshot").path("tables").path(0);
  }

  private static int loaded(LocalDeployment deployment) {
    return snapshot(deployment).path("rows").asInt();
  }

  /** What a consumer with the documented rule has that starts empty. */
  private static Map<Integer, JsonNode> consumed(List<String> payloads) throws IOException {
    Map<Integer, JsonNode> newest = new HashMap<>();
    for (String payload : payloads) {
      JsonNode event = JSON.readTree(payload);
      boolean deleted = event.path("after").isNull();
      int id = event.path(deleted ? "before" : "after").path("id").asInt();
      JsonNode known = newest.get(id);
      if (known == null || isNewer(event, known)) {
        if (known != null
            && event.path("after").path("big").asText().equals("__debezium_unavailable_value")) {
          ((ObjectNode) event.path("after")).set("big", known.path("after").path("big"));
        }
        newest.put(id, event);
      }
    }
    Map<Integer, JsonNode> rows = new TreeMap<>();
    newest.forEach(
        (id, event) -> {
          if (event.path("after").isObject()) {
            rows.put(id, event.path("after"));
          }
        });
    return rows;
  }

  private static boolean isNewer(JsonNode event, JsonNode known) {
    int order = Long.compareUnsigned(commit(event), commit(known));
    return order != 0 ? order > 0 : ordinal(event) > ordinal(known);
  }

  private static long commit(JsonNode event) {
    return Long.parseUnsignedLong(
        event.path("source").path("sequence").asText().replaceAll("\\D+(\\d+).*", "$1"));
  }

  private static long ordinal(JsonNode event) {
    return event.path("transaction").path("total_order").asLong();
  }

  /** The standby takes the slot over once the slot has moved past where the standby began. */
  private boolean synced(PostgresServer primary, PostgresCopy standby, LocalDeployment deployment) {
    primary.execute("postgres", "SELECT pg_log_standby_snapshot()");
    poll(deployment);
    awaitReplay(primary, standby);
    standby.query("postgres", "SELECT pg_sync_replication_slots()");
    return standby
        .query(
            "postgres",
            "SELECT synced AND NOT temporary FROM pg_replication_slots WHERE slot_name = '"
                + deployment.slot()
                + "'")
        .equals("t");
  }

  private static void awaitReplay(PostgresServer primary, PostgresCopy standby) {
    String flush = primary.query("postgres", "SELECT pg_current_wal_flush_lsn()");
    PostgresServer.await(
        () ->
            standby
                .query("postgres", "SELECT pg_last_wal_replay_lsn() >= '" + flush + "'::pg_lsn")
                .equals("t"));
  }

  @Test
  void aStandbyItselfIsNotRead() {
    try (PostgresServer primary = primary(15)) {
      LocalDeployment deployment = on(primary);
      deployment.invoke(CREATE);
      try (PostgresCopy standby = PostgresCopy.of(primary).following(primary).start()) {
        deployment.with("PGPORT", Integer.toString(standby.port()));
        for (String event : new String[] {POLL, CREATE}) {
          assertThatThrownBy(() -> deployment.invoke(event))
              .hasMessageStartingWith("SERVER_IN_RECOVERY: the server is a standby")
              .hasMessageContaining("Point PGHOST at the writer");
        }
        assertThat(deployment.invoke("{\"action\":\"status\"}").path("findings").toString())
            .contains("SERVER_IN_RECOVERY");
      }
    }
  }

  @Test
  void aRestoredBaseBackupIsFoundOutByItsTimeline() {
    try (PostgresServer primary = primary(15)) {
      LocalDeployment deployment = on(primary);
      deployment.invoke(CREATE);
      deployment.sql("INSERT INTO t VALUES (1)");
      poll(deployment);
      try (PostgresCopy restored = PostgresCopy.of(primary).restored()) {
        primary.execute(
            "postgres",
            "CREATE TABLE noise AS SELECT repeat('x', 500) AS x FROM generate_series(1, 20000)");
        deployment.sql("INSERT INTO t VALUES (2)");
        poll(deployment);
        String moved = deployment.position();
        restored.start();
        PostgresServer.await(
            () -> restored.query("postgres", "SELECT pg_is_in_recovery()").equals("f"));
        deployment.with("PGPORT", Integer.toString(restored.port()));
        restored.execute(deployment.database(), "INSERT INTO t VALUES (50)");
        deployment.invoke(CREATE);
        String slot = confirmed(restored, deployment.slot());
        assertThat(restored.query("postgres", "SELECT '" + slot + "' < '" + moved + "'::pg_lsn"))
            .as("the new slot is behind, and yet there is a gap")
            .isEqualTo("t");

        Throwable failure = catchThrowable(() -> deployment.invoke(POLL));

        assertThat(failure)
            .hasMessageStartingWith("GAP: slot " + deployment.slot() + " is at " + slot)
            .hasMessageContaining("moved it to " + moved)
            .hasMessageContaining("timeline 1 was followed by timeline 2");
        assertThat(
                deployment
                    .invoke("{\"action\":\"poll\",\"acceptGap\":\"" + slot + "\"}")
                    .path("outcome")
                    .asText())
            .isEqualTo("CAUGHT_UP");
      }
    }
  }

  @Test
  void aSnapshotThatKeptItsSlotGoesOn() {
    try (PostgresServer primary = primary(15)) {
      LocalDeployment deployment = on(primary);
      deployment.invoke(CREATE);
      deployment.sql("INSERT INTO t VALUES (1)");
      poll(deployment);
      primary.execute("postgres", "CHECKPOINT");
      try (PostgresCopy restored = PostgresCopy.withSlots(primary).restored().start()) {
        PostgresServer.await(
            () -> restored.query("postgres", "SELECT pg_is_in_recovery()").equals("f"));
        deployment.with("PGPORT", Integer.toString(restored.port()));
        restored.execute(deployment.database(), "INSERT INTO t VALUES (2)");

        assertThat(poll(deployment)).endsWith("2");
      }
    }
  }

  @Test
  void afterACrashTheSlotFallsBackAndChangesAreSentAgain() {
    try (PostgresServer template = primary(15)) {
      LocalDeployment deployment = on(template);
      try (PostgresCopy server = PostgresCopy.of(template).start()) {
        deployment.with("PGPORT", Integer.toString(server.port()));
        deployment.invoke(CREATE);
        server.execute("postgres", "CHECKPOINT");
        server.execute(deployment.database(), "INSERT INTO t VALUES (1)");
        assertThat(poll(deployment)).containsExactly("1");
        String before = confirmed(server, deployment.slot());

        server.stop("immediate");
        server.start();

        assertThat(
                server.query(
                    "postgres",
                    "SELECT '"
                        + confirmed(server, deployment.slot())
                        + "' < '"
                        + before
                        + "'::pg_lsn"))
            .as("fell back")
            .isEqualTo("t");
        server.execute(deployment.database(), "INSERT INTO t VALUES (2)");
        assertThat(poll(deployment)).containsExactly("1", "2");
        assertThat(poll(deployment)).isEmpty();
      }
    }
  }

  @Test
  void aSlotRecreatedOnTheSameServerIsAGap() {
    LocalDeployment deployment = on(PostgresServer.shared(15));
    deployment.invoke(CREATE);
    deployment.sql("INSERT INTO t VALUES (1)");
    poll(deployment);
    deployment.sql("INSERT INTO t VALUES (2)");
    deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");
    deployment.invoke(CREATE);

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("GAP: ")
        .hasMessageContaining("something else moved or recreated it")
        .hasMessageContaining("having published up to commit ");
    JsonNode status = deployment.invoke("{\"action\":\"status\"}");
    assertThat(status.path("outcome").asText()).isEqualTo("BROKEN");
    assertThat(status.path("findings").toString()).contains("\"code\":\"GAP\"");
    assertThat(status.path("watermark").path("slot").asText()).isEqualTo(deployment.slot());
  }

  @Test
  void anotherClusterIsAGap() {
    LocalDeployment deployment = on(PostgresServer.shared(15));
    deployment.invoke(CREATE);
    poll(deployment);
    PostgresServer other = PostgresServer.shared(18);
    deployment
        .with("PGPORT", Integer.toString(other.port()))
        .with("PGDATABASE", other.createDatabase());
    deployment.invoke(CREATE);

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("GAP: ")
        .hasMessageContaining("it is another cluster");
  }

  @Test
  void idleRunsAndForeignWalAreNoGap() {
    LocalDeployment deployment = on(PostgresServer.shared(15));
    deployment.invoke(CREATE);
    PostgresServer.shared(15).createDatabase();
    assertThat(poll(deployment)).isEmpty();
    PostgresServer.shared(15).createDatabase();
    assertThat(poll(deployment)).isEmpty();
    deployment.sql("INSERT INTO t VALUES (1)");
    assertThat(poll(deployment)).containsExactly("1");
  }

  @Test
  void whatIsNoWatermarkIsSaidToBeNone() {
    LocalDeployment deployment = on(PostgresServer.shared(15));
    deployment.invoke(CREATE);
    String name = "/failover/watermark" + names;
    try (AwsClients clients = new AwsClients()) {
      new VersionedParameter(name, clients).write("hello", 0, value -> false);
    }

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("WATERMARK_INVALID: ")
        .hasMessageContaining("it is not JSON");
  }
}

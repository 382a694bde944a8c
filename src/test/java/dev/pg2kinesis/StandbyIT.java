package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresCopy;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.watermark.ParameterWatermark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A slot of a standby, from its creation to the standby's promotion or the slot's loss. */
class StandbyIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String CREATE = "{\"action\":\"create-slot\"}";
  private static final String STATUS = "{\"action\":\"status\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();
  private static Moto moto;
  private static int names;

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

  private static PostgresServer primary(int major) {
    PostgresServer primary =
        PostgresServer.start(
            major, Map.of("max_replication_slots", "10", "max_slot_wal_keep_size", "2GB"));
    primary.execute("postgres", "CREATE ROLE relay LOGIN REPLICATION");
    return primary;
  }

  private static PostgresCopy standby(PostgresServer primary) {
    primary.execute("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
    return PostgresCopy.of(primary).following(primary).with("primary_slot_name", "standby");
  }

  /** A deployment that reads the standby, and whose statements go to the primary. */
  private static LocalDeployment reading(PostgresServer primary, PostgresCopy standby) {
    return reading(primary, standby, "test_decoding");
  }

  private static LocalDeployment reading(
      PostgresServer primary, PostgresCopy standby, String plugin) {
    LocalDeployment deployment =
        LocalDeployment.on(primary, kinesis, 1)
            .with("WATERMARK_PARAMETER", "/standby/watermark" + ++names)
            .with("FORMAT", "csv")
            .with("PGPORT", Integer.toString(standby.port()));
    deployment
        .with("PGUSER", "relay")
        .sql(
            "CREATE TABLE t (id int PRIMARY KEY)",
            "CREATE PUBLICATION p FOR TABLE t",
            "GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint, boolean) TO relay");
    if (plugin.equals("pgoutput")) {
      deployment.with("PUBLICATION_NAMES", "p");
    }
    awaitReplay(primary, standby);
    return deployment;
  }

  private static void awaitReplay(PostgresServer primary, PostgresCopy standby) {
    String flush = primary.query("postgres", "SELECT pg_current_wal_flush_lsn()");
    PostgresServer.await(
        () ->
            standby
                .query("postgres", "SELECT pg_last_wal_replay_lsn() >= '" + flush + "'::pg_lsn")
                .equals("t"));
  }

  /** Creates the slot while the primary logs its running transactions. */
  private static JsonNode create(PostgresServer primary, LocalDeployment deployment) {
    CompletableFuture<JsonNode> created =
        CompletableFuture.supplyAsync(() -> deployment.invoke(CREATE));
    PostgresServer.await(
        () -> {
          primary.execute("postgres", "SELECT pg_log_standby_snapshot()");
          return created.isDone();
        });
    return created.join();
  }

  private static List<String> poll(LocalDeployment deployment) {
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
    return deployment.newPayloads().stream()
        .map(payload -> payload.substring(payload.lastIndexOf(',') + 1))
        .toList();
  }

  private static List<String> findings(JsonNode answer) {
    return answer.path("findings").findValuesAsText("code");
  }

  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @CsvSource({"16, pgoutput", "17, test_decoding", "18, pgoutput"})
  void nothingIsLostOnAStandbyAndWhenItIsPromoted(int major, String plugin) {
    try (PostgresServer primary = primary(major);
        PostgresCopy standby = standby(primary).start()) {
      LocalDeployment deployment = reading(primary, standby, plugin);
      assertThatThrownBy(() -> deployment.invoke(POLL))
          .hasMessageStartingWith("SERVER_IN_RECOVERY: the server is a standby, and it has no slot")
          .hasMessageContaining("Point PGHOST at the writer")
          .hasMessageContaining("create-slot");
      assertThatThrownBy(() -> deployment.invoke("{\"action\":\"create-slot\",\"failover\":true}"))
          .hasMessageStartingWith("SERVER_UNSUPPORTED: ");

      JsonNode created = create(primary, deployment);

      assertThat(created.path("outcome").asText()).isEqualTo("CREATED");
      assertThat(created.path("plugin").asText()).isEqualTo(plugin);
      assertThat(created.has("findings")).isFalse();
      assertThat(deployment.invoke(CREATE).path("outcome").asText()).isEqualTo("EXISTS");
      deployment.sql("INSERT INTO t VALUES (1)");
      awaitReplay(primary, standby);
      assertThat(poll(deployment)).containsExactly("1");
      JsonNode status = deployment.invoke(STATUS);
      assertThat(status.path("outcome").asText()).as("%s", status).isEqualTo("HEALTHY");
      assertThat(status.path("server").path("inRecovery").asBoolean()).isTrue();
      assertThat(status.path("server").path("timeline").asInt()).isOne();
      assertThat(findings(status)).doesNotContain("FAILOVER_OFF");

      primary.createDatabase(); // WAL without changes for the slot
      awaitReplay(primary, standby);
      String replayed = standby.query("postgres", "SELECT pg_last_wal_replay_lsn()");
      assertThat(poll(deployment)).isEmpty();
      assertThat(
              standby.query(
                  "postgres",
                  "SELECT confirmed_flush_lsn >= '" + replayed + "' FROM pg_replication_slots"))
          .isEqualTo("t");

      assertThatThrownBy(
              () -> deployment.invoke("{\"action\":\"snapshot\",\"tables\":[\"public.t\"]}"))
          .hasMessageStartingWith("SNAPSHOT_REFUSED: the server is a standby");
      deployment.sql("INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)");
      awaitReplay(primary, standby);
      standby.promote();
      standby.execute(deployment.database(), "INSERT INTO t VALUES (4)");
      assertThat(poll(deployment)).containsExactly("2", "3", "4");
      assertThat(poll(deployment)).isEmpty();
      assertThat(deployment.invoke(STATUS).path("server").path("timeline").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aSlotThatIsNotThereYetOrACopySaysSo() {
    try (PostgresServer primary = primary(17);
        PostgresCopy standby = standby(primary).start()) {
      LocalDeployment deployment = reading(primary, standby);
      standby.execute("postgres", "SELECT pg_wal_replay_pause()"); // no record comes for sure

      assertThatThrownBy(() -> deployment.invoke(CREATE, 4_000))
          .hasMessageStartingWith("SLOT_CREATION_TIMEOUT: ")
          .hasMessageContaining("Run SELECT pg_log_standby_snapshot() on the primary")
          .hasMessageEndingWith("Nothing was created.");
      assertThat(standby.query("postgres", "SELECT count(*) FROM pg_replication_slots"))
          .isEqualTo("0");

      assertThat(findings(deployment.invoke(STATUS)))
          .contains("SERVER_IN_RECOVERY", "STANDBY_PAUSED");
      standby.execute("postgres", "SELECT pg_wal_replay_resume()");

      // The standby's copy of a failover slot.
      primary.execute(
          deployment.database(),
          "SELECT pg_create_logical_replication_slot('"
              + deployment.slot()
              + "', 'test_decoding', failover => true)");
      PostgresServer.await(
          () -> {
            // The copy is kept once the slot has moved past where the standby began.
            primary.query(
                "postgres",
                "SELECT pg_log_standby_snapshot(), pg_replication_slot_advance('"
                    + deployment.slot()
                    + "', pg_current_wal_flush_lsn())");
            awaitReplay(primary, standby);
            standby.query("postgres", "SELECT pg_sync_replication_slots()");
            return standby
                .query(
                    "postgres",
                    "SELECT count(*) FROM pg_replication_slots WHERE synced AND NOT temporary")
                .equals("1");
          });
      for (String event : new String[] {POLL, CREATE}) {
        assertThatThrownBy(() -> deployment.invoke(event))
            .hasMessageStartingWith("SERVER_IN_RECOVERY: ")
            .hasMessageContaining("is a copy of the primary's")
            .hasMessageContaining("Nothing is lost");
      }
    }
  }

  @Test
  void aRunGoesOnThroughAPromotion() {
    try (PostgresServer primary = primary(17);
        PostgresCopy standby = standby(primary).start();
        AwsClients clients = new AwsClients()) {
      LocalDeployment deployment = reading(primary, standby);
      create(primary, deployment);
      poll(deployment);
      VersionedParameter parameter = new VersionedParameter("/standby/watermark" + names, clients);
      try (Slot slot =
          PostgresSlot.open(
              PostgresServer.login(standby.port(), deployment.database()),
              deployment.slot(),
              List.of(),
              2,
              Duration.ofSeconds(30))) {
        ParameterWatermark watermark =
            ParameterWatermark.open(parameter, slot, deployment.slot(), "", null, gap -> {});
        standby.promote();
        standby.execute(deployment.database(), "CREATE TABLE later (id int)");
        Slot.Position position = slot.position();
        watermark.beforeAdvance(position.flush(), null);
        slot.advance(position.flush());
      }

      standby.execute(deployment.database(), "INSERT INTO t VALUES (1)");
      assertThat(poll(deployment)).containsExactly("1");
    }
  }

  @Test
  void aStandbyThatFollowsAPromotedOneGoesOn() {
    try (PostgresServer primary = primary(18);
        PostgresCopy standby = standby(primary).start();
        PostgresCopy next = PostgresCopy.of(primary).following(primary).start()) {
      LocalDeployment deployment = reading(primary, standby);
      create(primary, deployment);
      deployment.sql("INSERT INTO t VALUES (1)");
      awaitReplay(primary, standby);
      awaitReplay(primary, next);
      assertThat(poll(deployment)).containsExactly("1");

      next.promote();
      next.execute("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
      standby.follow(next);
      for (int id = 2; id <= 3; id++) {
        next.execute(deployment.database(), "INSERT INTO t VALUES (" + id + ")");
        String end = next.query("postgres", "SELECT pg_current_wal_flush_lsn()");
        PostgresServer.await(
            () ->
                standby
                    .query("postgres", "SELECT pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn")
                    .equals("t"));
        assertThat(poll(deployment)).containsExactly(Integer.toString(id));
        assertThat(deployment.invoke(STATUS).path("watermark").path("timeline").asInt())
            .isEqualTo(2);
        next.execute("postgres", "CHECKPOINT");
        standby.execute("postgres", "CHECKPOINT"); // its control file has the new timeline now
      }
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(ints = {16, 18})
  void aSlotThatTheStandbyInvalidatesSaysWhy(int major) {
    try (PostgresServer primary = primary(major);
        PostgresCopy standby =
            PostgresCopy.of(primary)
                .following(primary)
                .with("hot_standby_feedback", "off")
                .start()) {
      LocalDeployment deployment = reading(primary, standby);
      assertThat(findings(create(primary, deployment))).contains("STANDBY_FEEDBACK_OFF");
      assertThat(poll(deployment)).isEmpty();
      assertThat(findings(deployment.invoke(STATUS))).contains("STANDBY_FEEDBACK_OFF");

      deployment.sql(
          "CREATE TABLE gone (id int)", "DROP TABLE gone", "VACUUM pg_class", "CHECKPOINT");
      awaitReplay(primary, standby);
      assertThatThrownBy(() -> deployment.invoke(POLL))
          .hasMessageStartingWith("SLOT_LOST: the server invalidated slot " + deployment.slot())
          .hasMessageContaining(major == 16 ? "conflict" : "rows_removed")
          .hasMessageContaining("hot_standby_feedback = on");

      deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");
      create(primary, deployment);
      primary.execute("postgres", "ALTER SYSTEM SET wal_level = 'replica'");
      primary.restart("fast");
      awaitReplay(primary, standby);
      assertThatThrownBy(() -> deployment.invoke(POLL))
          .hasMessageStartingWith("SLOT_LOST: ")
          .hasMessageContaining(major == 16 ? "conflict" : "wal_level_insufficient")
          .hasMessageContaining("keep wal_level = logical on the primary");
      deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");
      assertThatThrownBy(() -> deployment.invoke(CREATE))
          .hasMessageStartingWith("WAL_LEVEL: ")
          .hasMessageContaining("on the primary");
    }
  }

  /** Whatever reads is older than rows that the primary's vacuum removes, so it has to end. */
  @Test
  void aReadThatStandsInTheWayOfReplayIsTriedAgain() {
    try (PostgresServer primary = primary(18);
        PostgresCopy standby =
            PostgresCopy.of(primary)
                .following(primary)
                .with("hot_standby_feedback", "off")
                .with("max_standby_streaming_delay", "0")
                .start()) {
      LocalDeployment deployment = reading(primary, standby);
      deployment.sql("CREATE TABLE old (id int)", "CREATE TABLE big (text text)");
      create(primary, deployment);
      deployment.sql( // more than the sockets between server and client hold
          "INSERT INTO big SELECT repeat('x', 300) FROM generate_series(1, 100000)");
      awaitReplay(primary, standby);

      PostgresServer.await(() -> conflicts(deployment, standby)); // if replay was late, once more

      assertThat(rows(deployment, standby, () -> {})).isGreaterThan(100_000);
    }
  }

  private static boolean conflicts(LocalDeployment deployment, PostgresCopy standby) {
    try {
      rows(
          deployment,
          standby,
          () -> deployment.sql("INSERT INTO old VALUES (1)", "DELETE FROM old", "VACUUM old"));
      return false;
    } catch (SlotException e) {
      assertThat(e.code()).isEqualTo(SlotException.Code.STANDBY_CONFLICT);
      return true;
    }
  }

  /** Reads the slot, and does something once the server has begun to send the rows. */
  private static long rows(LocalDeployment deployment, PostgresCopy standby, Runnable meanwhile) {
    try (Slot slot =
            PostgresSlot.open(
                PostgresServer.login(standby.port(), deployment.database()),
                deployment.slot(),
                List.of(),
                2,
                Duration.ofSeconds(30));
        Slot.Peek peek = slot.peek(slot.position().flush(), 1_000_000, Duration.ofSeconds(20))) {
      long rows = peek.next() == null ? 0 : 1;
      meanwhile.run();
      while (peek.next() != null) {
        rows++;
      }
      return rows;
    }
  }
}

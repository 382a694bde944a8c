package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * {@code VISIBLE=true}, with commits that are held between their WAL record and their visibility,
 * because a synchronous standby does not answer.
 */
class VisibleIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String PEEK = "{\"action\":\"peek\"}";

  private static PostgresServer server = PostgresServer.shared(15);

  private final FakeKinesis kinesis = FakeKinesis.start();

  @BeforeAll
  static void start() {
    Map<String, String> settings =
        new HashMap<>(Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of());
    settings.put("max_prepared_transactions", "5");
    server = PostgresServer.start(Wal2Json.MAJOR, settings);
  }

  @AfterAll
  static void end() {
    server.close();
  }

  @AfterEach
  void stop() {
    kinesis.close();
  }

  private LocalDeployment deploy(String plugin) {
    assumeTrue(!plugin.equals("wal2json") || Wal2Json.isInstalled(), Wal2Json.missing());
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t");
    deployment.withSlot(plugin).with("VISIBLE", "true");
    return plugin.equals("pgoutput") ? deployment.with("PUBLICATION_NAMES", "p") : deployment;
  }

  private static List<String> keys(LocalDeployment deployment) {
    return deployment.newRecords().stream().map(Record::partitionKey).toList();
  }

  /** What holds the rows 2 and 3: by a subtransaction, all of it in one, and by two phases. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "test_decoding, BEGIN; INSERT INTO t VALUES (2); SAVEPOINT s; INSERT INTO t VALUES (3); COMMIT",
        "pgoutput,      BEGIN; INSERT INTO t VALUES (2); SAVEPOINT s; INSERT INTO t VALUES (3); COMMIT",
        "wal2json,      BEGIN; INSERT INTO t VALUES (2); SAVEPOINT s; INSERT INTO t VALUES (3); COMMIT",
        "pgoutput,      BEGIN; SAVEPOINT s; INSERT INTO t VALUES (2); INSERT INTO t VALUES (3); COMMIT",
        "pgoutput,      COMMIT PREPARED 'two'",
        "test_decoding, COMMIT PREPARED 'two'"
      })
  void whatDatabaseSnapshotsDoNotShowIsNotPublished(String plugin, String held) throws Exception {
    LocalDeployment deployment = deploy(plugin);
    boolean prepared = held.contains("PREPARED");
    if (prepared) {
      deployment.sql(
          "BEGIN; INSERT INTO t VALUES (2); INSERT INTO t VALUES (3); PREPARE TRANSACTION 'two'");
    }
    deployment.sql("INSERT INTO t VALUES (1)");
    Thread session = new Thread(() -> deployment.sql(held));
    server.set("synchronous_standby_names", "nobody");
    try {
      session.start();
      PostgresServer.await(
          () ->
              deployment
                  .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                  .equals("1"));
      deployment.sql(
          "BEGIN; SET LOCAL synchronous_commit = local; INSERT INTO t VALUES (4); COMMIT");

      JsonNode peeked = deployment.invoke(PEEK);
      JsonNode waiting = deployment.invoke(POLL);

      assertThat(deployment.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t"))
          .isEqualTo("1 4");
      assertThat(keys(deployment)).containsExactly("public.t|1");
      assertThat(waiting.path("outcome").asText()).isEqualTo("CAUGHT_UP");
      assertThat(waiting.path("waitsForTransaction").asLong()).isPositive();
      assertThat(waiting.path("lagBytes").asLong()).isPositive();
      assertThat(peeked.path("records")).hasSize(1);
      assertThat(peeked.path("more").asBoolean()).isTrue();
      String stands = deployment.position();
      assertThat(deployment.invoke(POLL).path("records").asInt()).isZero();
      assertThat(deployment.position()).isEqualTo(stands);

      // Without the setting, a consumer gets rows that it does not find.
      assertThat(deployment.without("VISIBLE").invoke(PEEK).path("records")).hasSize(3);
    } finally {
      server.set("synchronous_standby_names", null);
      session.join();
    }
    deployment.with("VISIBLE", "true");

    JsonNode after = deployment.invoke(POLL);

    assertThat(keys(deployment)).containsExactly("public.t|2", "public.t|3", "public.t|4");
    assertThat(after.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(after.has("waitsForTransaction")).isFalse();
    assertThat(after.path("lagBytes").asLong()).isZero();
    if (prepared) {
      assertThat(deployment.query("SELECT count(*) FROM pg_prepared_xacts")).isEqualTo("0");
    }
  }

  @Test
  void aMessageOutsideAnyTransactionWaitsForNobody() {
    LocalDeployment deployment = deploy("pgoutput");
    deployment.sql("SELECT pg_logical_emit_message(false, 'm', 'x')", "INSERT INTO t VALUES (1)");

    JsonNode report = deployment.invoke(POLL);

    assertThat(keys(deployment)).containsExactly("message|m", "public.t|1");
    assertThat(report.has("waitsForTransaction")).isFalse();
  }
}

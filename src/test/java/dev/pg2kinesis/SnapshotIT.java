package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.aws.AwsSettings;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The action snapshot, with the real handler, its state in Parameter Store. */
class SnapshotIT {

  private static final String POLL = "{\"action\":\"poll\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();
  private static Moto moto;

  private final PostgresServer server = PostgresServer.shared(15);
  private LocalDeployment deployment;
  private AwsSettings aws;

  @BeforeAll
  static void start() {
    moto = Moto.start();
  }

  @AfterAll
  static void stop() {
    if (moto != null) {
      moto.close();
    }
  }

  @BeforeEach
  void deploy() {
    deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 300) i",
        "CREATE TABLE keyless (v text)",
        "INSERT INTO keyless VALUES ('a'), ('b')",
        "CREATE PUBLICATION p FOR ALL TABLES");
    deployment
        .withSlot("pgoutput")
        .with("PUBLICATION_NAMES", "p")
        .with("WATERMARK_PARAMETER", "/" + deployment.slot() + "/watermark");
    aws = new AwsSettings(moto.endpoint());
  }

  @AfterEach
  void restore() {
    aws.close();
  }

  private JsonNode snapshot(String fields) {
    return deployment.invoke("{\"action\":\"snapshot\"," + fields + "}");
  }

  private JsonNode table(String name) {
    for (JsonNode table :
        deployment.invoke("{\"action\":\"status\"}").path("snapshot").path("tables")) {
      if (table.path("table").asText().equals(name)) {
        return table;
      }
    }
    throw new AssertionError("no table " + name + " in status");
  }

  private static Set<Integer> ids(List<String> payloads, String operation) {
    Set<Integer> ids = new TreeSet<>();
    for (String payload : payloads) {
      if (payload.contains("\"op\":\"" + operation + "\"")) {
        ids.add(Integer.valueOf(payload.replaceAll(".*\"after\":\\{\"id\":(\\d+)[,}].*", "$1")));
      }
    }
    return ids;
  }

  @Test
  void loadsWhatATableHoldsWhileChangesFlow() {
    JsonNode started = snapshot("\"tables\":[\"public.t\"]");
    assertThat(started.path("outcome").asText()).isEqualTo("STARTED");
    assertThat(started.path("tables").path(0).path("table").asText()).isEqualTo("public.t");
    assertThat(table("public.t").path("state").asText()).isEqualTo("waiting");
    deployment.sql("INSERT INTO t VALUES (301, 'new')");

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(report.path("snapshotRows").asInt()).isEqualTo(301);
    List<String> payloads = deployment.newPayloads();
    assertThat(ids(payloads, "c")).containsExactly(301);
    assertThat(ids(payloads, "r")).hasSize(301).contains(1, 300, 301);
    assertThat(payloads)
        .filteredOn(payload -> payload.contains("\"op\":\"r\""))
        .allSatisfy(
            payload ->
                assertThat(payload).contains("\"snapshot\":\"incremental\"", "\"total_order\":0,"));
    JsonNode done = table("public.t");
    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(done.path("rows").asInt()).isEqualTo(301);

    deployment.invoke(POLL);
    assertThat(deployment.newPayloads()).isEmpty();
  }

  @Test
  void aDeadlineEndsARunAndTheNextOneGoesOn() {
    snapshot("\"tables\":[\"t\"]");
    // With a reserve of 5 s and 2 s at least for a chunk, this leaves no time to read.
    JsonNode first = deployment.invoke(POLL, 6_500);
    assertThat(first.has("snapshotRows")).isFalse();
    assertThat(table("public.t").path("state").asText()).isEqualTo("waiting");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(300);
  }

  @Test
  void drainLoadsEverything() {
    deployment.sql("INSERT INTO t SELECT i, 'v' || i FROM generate_series(301, 900) i");
    deployment.invoke(POLL);
    snapshot("\"tables\":[\"t\"]");
    JsonNode report = deployment.invoke("{\"action\":\"drain\"}");
    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(report.path("snapshotRows").asInt()).isEqualTo(900);
    assertThat(table("public.t").path("state").asText()).isEqualTo("done");
  }

  @Test
  void canBeStoppedAndStartedAgain() {
    snapshot("\"tables\":[\"t\"]");
    assertThat(snapshot("\"stop\":true").path("outcome").asText()).isEqualTo("STOPPED");
    assertThat(deployment.invoke(POLL).has("snapshotRows")).isFalse();
    snapshot("\"tables\":[\"t\"]");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(300);
    snapshot("\"tables\":[\"t\"],\"restart\":true");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(300);
  }

  @Test
  void aTableWithoutAKeyIsReadWholeIfThatIsRequested() {
    assertThatThrownBy(() -> snapshot("\"tables\":[\"keyless\"]"))
        .hasMessageStartingWith("SNAPSHOT_REFUSED: public.keyless has no primary key")
        .hasMessageContaining("\"whole\":true");
    snapshot("\"tables\":[\"keyless\"],\"whole\":true");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(2);
    assertThat(table("public.keyless").path("state").asText()).isEqualTo("done");
  }

  @Test
  void needsAWatermark() {
    deployment.without("WATERMARK_PARAMETER");
    assertThatThrownBy(() -> snapshot("\"tables\":[\"t\"]"))
        .hasMessageStartingWith("SNAPSHOT_REFUSED: ")
        .hasMessageContaining("Set WATERMARK_PARAMETER");
  }

  @Test
  void eventsThatAreNoSnapshotAreRefused() {
    assertThatThrownBy(() -> deployment.invoke("{\"action\":\"snapshot\"}"))
        .hasMessageStartingWith("EVENT_INVALID: snapshot needs tables");
    assertThatThrownBy(() -> snapshot("\"tables\":\"t\""))
        .hasMessageContaining("tables must be an array of strings");
    assertThatThrownBy(() -> snapshot("\"tables\":[1]"))
        .hasMessageContaining("tables must be an array of strings");
    assertThatThrownBy(() -> snapshot("\"tables\":[\"t\"],\"stop\":true"))
        .hasMessageContaining("and not both");
    assertThatThrownBy(() -> snapshot("\"tables\":[\"\\\"t\"]"))
        .hasMessageStartingWith("EVENT_INVALID: tables: ");
    assertThatThrownBy(() -> snapshot("\"tables\":[\"no_such_table\"]"))
        .hasMessageStartingWith("SNAPSHOT_REFUSED: no table matches no_such_table");
  }

  @Test
  void aRoleThatMayNotReadATableIsToldWhatToGrant() {
    String role = "reader_" + deployment.slot();
    deployment.sql("CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'x'");
    deployment.with("PGUSER", role).with("PGPASSWORD", "x");
    assertThatThrownBy(() -> snapshot("\"tables\":[\"t\"]"))
        .hasMessageContaining("public.t may not be read by the role: GRANT SELECT");
    deployment.sql("GRANT SELECT ON t TO " + role);
    snapshot("\"tables\":[\"t\"]");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(300);

    snapshot("\"tables\":[\"t\"]");
    deployment.sql("REVOKE SELECT ON t FROM " + role);
    deployment.invoke(POLL);
    assertThat(table("public.t").path("problem").asText())
        .startsWith("PRIVILEGE_MISSING: ")
        .contains("GRANT SELECT ON \"public\".\"t\"");
    deployment.sql("DROP OWNED BY " + role, "DROP ROLE " + role);
  }

  @Test
  void aRowThatIsTooLargeFailsItsTableAloneAndChangesGoOn() {
    deployment.sql(
        "CREATE TABLE large (id int PRIMARY KEY, v text)",
        "INSERT INTO large VALUES (1, repeat('x', 2000000))",
        "SELECT pg_drop_replication_slot('" + deployment.slot() + "')");
    deployment.withSlot("pgoutput");
    snapshot("\"tables\":[\"large\",\"t\"]");
    deployment.sql("INSERT INTO t VALUES (302, 'after')");

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("snapshotRows").asInt()).isEqualTo(301);
    assertThat(table("public.large").path("state").asText()).isEqualTo("failed");
    assertThat(table("public.large").path("problem").asText()).startsWith("RECORD_TOO_LARGE: ");
    assertThat(table("public.t").path("state").asText()).isEqualTo("done");
    JsonNode status = deployment.invoke("{\"action\":\"status\"}");
    assertThat(status.path("findings").toString()).contains("SNAPSHOT_TABLE_FAILED");
    assertThat(ids(deployment.newPayloads(), "c")).containsExactly(302);
  }

  @Test
  void aLockedTableWaitsForALaterRunAndChangesGoOn() throws Exception {
    snapshot("\"tables\":[\"t\"]");
    deployment.sql("INSERT INTO keyless VALUES ('meanwhile')");
    try (Connection other = server.connect(deployment.database());
        Statement sql = other.createStatement()) {
      sql.execute("BEGIN");
      sql.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
      JsonNode report = deployment.invoke(POLL);
      assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
      assertThat(report.path("changes").asInt()).isEqualTo(1);
      assertThat(report.has("snapshotRows")).isFalse();
      sql.execute("ROLLBACK");
    }
    assertThat(table("public.t").path("state").asText()).isEqualTo("waiting");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(300);
  }

  @Test
  void columnListsAndRowFiltersApplyToRowsThatAreRead() {
    deployment.sql(
        "CREATE TABLE part (id int PRIMARY KEY, v text, secret text)",
        "INSERT INTO part SELECT i, 'v', 's3cret' FROM generate_series(1, 10) i",
        "CREATE PUBLICATION listed FOR TABLE part (id, v) WHERE (id <= 4)",
        "SELECT pg_drop_replication_slot('" + deployment.slot() + "')");
    deployment.withSlot("pgoutput").with("PUBLICATION_NAMES", "listed");
    snapshot("\"tables\":[\"part\"]");

    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(4);
    assertThat(deployment.newPayloads())
        .hasSize(4)
        .allSatisfy(payload -> assertThat(payload).doesNotContain("s3cret", "secret"));
  }

  @Test
  void partitionsAreLoadedUnderTheNamesThatTheirChangesCarry() {
    deployment.sql(
        "CREATE TABLE events (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (10) TO (20)",
        "INSERT INTO events VALUES (1, 'a'), (11, 'b')",
        "CREATE PUBLICATION root FOR TABLE events WITH (publish_via_partition_root = true)");
    deployment.invoke(POLL);
    deployment.newPayloads();
    snapshot("\"tables\":[\"public.events\"]");
    deployment.invoke(POLL);
    assertThat(deployment.newPayloads())
        .hasSize(2)
        .anySatisfy(payload -> assertThat(payload).contains("\"table\":\"events_low\""))
        .anySatisfy(payload -> assertThat(payload).contains("\"table\":\"events_high\""));

    deployment.sql("SELECT pg_drop_replication_slot('" + deployment.slot() + "')");
    deployment.withSlot("pgoutput").with("PUBLICATION_NAMES", "root");
    deployment.with("WATERMARK_PARAMETER", "/" + deployment.slot() + "/second");
    snapshot("\"tables\":[\"events\"]");
    deployment.invoke(POLL);
    assertThat(deployment.newPayloads())
        .hasSize(2)
        .allSatisfy(payload -> assertThat(payload).contains("\"table\":\"events\""));
  }

  @Test
  void aTableIsReadWithoutItsChildrenAndWithoutWhatThePluginLeavesOut() {
    deployment.sql(
        "CREATE TABLE parent (id int PRIMARY KEY, half int GENERATED ALWAYS AS (id / 2) STORED)",
        "CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
        "INSERT INTO parent (id) VALUES (1)",
        "INSERT INTO child (id) VALUES (2)");
    deployment.invoke(POLL);
    List<String> inserted = deployment.newPayloads();
    assertThat(inserted).hasSize(2);

    snapshot("\"tables\":[\"parent\"]");
    deployment.invoke(POLL);

    List<String> read = deployment.newPayloads();
    assertThat(ids(read, "r")).containsExactly(1);
    assertThat(after(read.get(0))).isEqualTo(after(inserted.get(0))).isEqualTo("{\"id\":1}");

    snapshot("\"tables\":[\"child\"]");
    deployment.invoke(POLL);
    assertThat(ids(deployment.newPayloads(), "r")).containsExactly(2);
  }

  private static String after(String payload) {
    return payload.replaceAll(".*\"after\":(\\{[^}]*}).*", "$1");
  }

  @Test
  void withoutItsStateASnapshotStartsAgainAndNothingElseIsLost() {
    snapshot("\"tables\":[\"t\"]");
    moto.call(
        "ssm",
        "AmazonSSM.DeleteParameter",
        "{\"Name\":\"/" + deployment.slot() + "/watermark-snapshot\"}");
    deployment.sql("INSERT INTO t VALUES (301, 'new')");

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.has("snapshotRows")).isFalse();
    assertThat(ids(deployment.newPayloads(), "c")).containsExactly(301);
    snapshot("\"tables\":[\"t\"]");
    assertThat(deployment.invoke(POLL).path("snapshotRows").asInt()).isEqualTo(301);
  }
}

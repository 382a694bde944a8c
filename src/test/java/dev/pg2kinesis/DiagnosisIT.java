package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever can be wrong with settings, server, slot and stream has its own error code that names
 * the cause and the fix, and leaves the slot where it was.
 */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class DiagnosisIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String CREATE = "{\"action\":\"create-slot\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private final int major;
  private final LocalDeployment deployment;

  DiagnosisIT(int major) {
    this.major = major;
    this.deployment = LocalDeployment.on(PostgresServer.shared(major), kinesis, 1);
  }

  /** A slot with a change to publish. */
  private void slotWithChange(String plugin) {
    deployment.sql("CREATE PUBLICATION p FOR ALL TABLES");
    deployment.with("PUBLICATION_NAMES", "p").withSlot(plugin);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
  }

  /**
   * The run fails with these words, and the slot stays. Once that is fixed, runs continue and
   * nothing is lost.
   */
  private void assertFails(LocalDeployment broken, String event, String... words) {
    String before = deployment.position();
    Throwable failure = catchThrowable(() -> broken.invoke(event));
    assertThat(failure).as("the run's failure").isNotNull();
    assertThat(failure.getMessage()).startsWith(words[0]).contains(words);
    assertThat(deployment.position()).isEqualTo(before);
  }

  @Test
  void missingSettingsAreAllNamedAtOnce() {
    slotWithChange("test_decoding");
    LocalDeployment broken = deployment.without("PGHOST").without("PGUSER").without("STREAM_NAME");

    assertFails(
        broken.with("FORMAT", "xml").with("WINDOW_ROWS", "many"),
        POLL,
        "SETTINGS_INVALID: ",
        "PGHOST is not set",
        "PGUSER is not set",
        "STREAM_NAME and STREAM_ARN",
        "FORMAT is 'xml'",
        "WINDOW_ROWS is 'many'");
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "PGHOST, no.such.host.invalid, CONNECTION_FAILED: no connection to no.such.host.invalid",
    "PGPORT, 1, CONNECTION_FAILED: no connection to localhost:1",
    "PGPORT, 70000, SETTINGS_INVALID: PGPORT is '70000'",
    "PGDATABASE, nosuch, CONNECTION_FAILED: there is no database nosuch. Check PGDATABASE",
    "PGUSER, nobody, PASSWORD_REJECTED: the password of role nobody",
    "PGPASSWORD, wrong-secret, PASSWORD_REJECTED: the password of role guarded",
    "PGSSLMODE, require, TLS_FAILED: no connection to localhost",
    "SLOT_NAME, nosuch, SLOT_MISSING: there is no slot nosuch",
    "SLOT_NAME, Bad-Name, SETTINGS_INVALID: SLOT_NAME is 'Bad-Name'",
    "STREAM_NAME, nosuch, STREAM_MISSING: ",
    "STREAM_NAME, no/such, SETTINGS_INVALID: STREAM_NAME is 'no/such'"
  })
  void aWrongSettingIsNamed(String variable, String value, String message) {
    slotWithChange("test_decoding");
    withPassword();
    LocalDeployment broken =
        deployment.with("PGUSER", "guarded").with("PGPASSWORD", "right").with(variable, value);

    assertFails(broken, POLL, message);
    assertThatThrownBy(() -> broken.invoke(POLL)).hasMessageNotContaining("wrong-secret");
  }

  /** A role that must give its password; the embedded server trusts all others. */
  private void withPassword() {
    PostgresServer server = PostgresServer.shared(major);
    server.requirePassword("guarded", "nobody");
    deployment.sql(
        "DROP ROLE IF EXISTS guarded",
        "SET password_encryption = 'scram-sha-256'",
        "CREATE ROLE guarded LOGIN REPLICATION PASSWORD 'right'");
  }

  @Test
  void anUnknownActionIsNamed() {
    slotWithChange("test_decoding");
    assertFails(deployment, "{\"action\":\"flush\"}", "EVENT_INVALID: unknown action");
    assertFails(
        deployment, "{\"action\":\"poll\",\"slot\":\"x\"}", "EVENT_INVALID: ", "field 'slot'");
    assertFails(deployment, "poll", "EVENT_INVALID: the event is not JSON");
  }

  @Test
  void aSlotOfAnotherDatabaseIsNamed() {
    slotWithChange("test_decoding");
    String other = PostgresServer.shared(major).createDatabase();

    assertFails(
        deployment.with("PGDATABASE", other),
        POLL,
        "SLOT_OTHER_DATABASE: ",
        "belongs to database " + deployment.database(),
        "Set PGDATABASE or SLOT_NAME");
  }

  @Test
  void aPhysicalSlotIsNamed() {
    slotWithChange("test_decoding");
    deployment.sql("SELECT pg_create_physical_replication_slot('physical_" + major + "', true)");
    assertFails(
        deployment.with("SLOT_NAME", "physical_" + major), POLL, "SLOT_PHYSICAL: ", "SLOT_NAME");
  }

  @Test
  void aPreparedTransactionIsPublishedWhenItCommits() {
    slotWithChange("pgoutput");
    String prepared = "prepared_" + major;
    deployment.sql("BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION '" + prepared + "'");
    assertThat(deployment.invoke(POLL).path("changes").asInt()).isOne();
    deployment.sql("COMMIT PREPARED '" + prepared + "'");
    assertThat(deployment.invoke(POLL).path("changes").asInt()).isOne();
  }

  @Test
  void aRoleWithoutThePrivilegeIsToldWhichOne() {
    slotWithChange("test_decoding");
    deployment.sql("DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN");
    deployment.with("PGUSER", "plain").without("PGPASSWORD");

    assertFails(deployment, POLL, "PRIVILEGE_MISSING: ", "REPLICATION", "rds_replication");
    assertFails(
        deployment.with("SLOT_NAME", "other"), CREATE, "PRIVILEGE_MISSING: ", "REPLICATION");
  }

  @Test
  void aReplicationRoleNeedsNoMore() {
    slotWithChange("pgoutput");
    deployment.sql("DROP ROLE IF EXISTS relay", "CREATE ROLE relay LOGIN REPLICATION");

    assertThat(
            deployment
                .with("PGUSER", "relay")
                .without("PGPASSWORD")
                .invoke(POLL)
                .path("records")
                .asInt())
        .isEqualTo(1);
  }

  @Test
  void aMissingPublicationIsNotTakenForAMissingSlot() {
    slotWithChange("pgoutput");
    assertFails(
        deployment.with("PUBLICATION_NAMES", "p,q,r"),
        POLL,
        "PUBLICATION_MISSING: publication q, r does not exist",
        "CREATE PUBLICATION");
    assertFails(
        deployment.without("PUBLICATION_NAMES"),
        POLL,
        "PUBLICATION_MISSING: ",
        "PUBLICATION_NAMES");
  }

  @Test
  void aPublicationNewerThanTheSlotIsNotTakenForAMissingOne() {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    deployment.with("PUBLICATION_NAMES", "late").withSlot("pgoutput");
    deployment.sql("INSERT INTO t VALUES (1)", "CREATE PUBLICATION late FOR ALL TABLES");

    assertFails(
        deployment,
        POLL,
        "PUBLICATION_TOO_NEW: ",
        "before publication late",
        "out of PUBLICATION_NAMES",
        "WINDOW_ROWS",
        "loses every change that waits",
        "create-slot");
  }

  /** What the error advises. */
  @Test
  void toLeaveOutAYoungerPublicationLosesNothing() {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION old FOR TABLE t");
    deployment.with("PUBLICATION_NAMES", "old").withSlot("pgoutput");
    deployment.sql(
        "INSERT INTO t VALUES (1)",
        "CREATE PUBLICATION late FOR ALL TABLES",
        "INSERT INTO t VALUES (2)");
    assertFails(deployment.with("PUBLICATION_NAMES", "old,late"), POLL, "PUBLICATION_TOO_NEW: ");

    assertThat(deployment.with("PUBLICATION_NAMES", "old").invoke(POLL).path("changes").asInt())
        .isEqualTo(2);
    deployment.sql("INSERT INTO t VALUES (3)");
    assertThat(
            deployment.with("PUBLICATION_NAMES", "old,late").invoke(POLL).path("changes").asInt())
        .isEqualTo(1);
  }

  @Test
  void anotherSessionThatDecodesIsNoError() throws SQLException {
    slotWithChange("test_decoding");
    try (Connection other = PostgresServer.shared(major).connect(deployment.database());
        Statement statement = other.createStatement()) {
      statement.execute(
          "SELECT pg_advisory_lock(hashtextextended('pg2kinesis-lambda "
              + deployment.slot()
              + "', 0))");
      assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("BUSY");
      assertFails(
          deployment,
          "{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}",
          "BUSY: another run holds the lock");
    }
    assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(1);
  }

  @Test
  void aServerWithoutLogicalWalIsNamed() {
    slotWithChange("test_decoding");
    try (PostgresServer replica = PostgresServer.start(major, Map.of("wal_level", "replica"))) {
      LocalDeployment broken = LocalDeployment.on(replica, kinesis, 1);
      for (String event : new String[] {POLL, CREATE}) {
        assertThatThrownBy(() -> broken.invoke(event))
            .hasMessageStartingWith("WAL_LEVEL: wal_level is replica. Set it to logical")
            .hasMessageContaining("rds.logical_replication")
            .hasMessageContaining("Nothing is lost");
      }
    }
  }

  @Test
  void aPluginThatTheServerDoesNotAllowIsNamed() {
    try (PostgresServer strict =
        PostgresServer.start(
            major, Map.of("output_plugin_libraries", "pgoutput", "max_replication_slots", "1"))) {
      LocalDeployment broken = LocalDeployment.on(strict, kinesis, 1);
      strict.set("output_plugin_libraries", "pgoutput, test_decoding");
      broken.withSlot("test_decoding");
      broken.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      strict.set("output_plugin_libraries", null);
      String before = broken.position();

      assertThatThrownBy(() -> broken.invoke(POLL))
          .hasMessageStartingWith("PLUGIN_NOT_ALLOWED: the server does not let test_decoding")
          .hasMessageContaining("output_plugin_libraries");
      assertThat(broken.position()).isEqualTo(before);

      broken.sql("CREATE PUBLICATION p FOR ALL TABLES");
      assertThatThrownBy(
              () ->
                  broken
                      .with("SLOT_NAME", "one_too_many")
                      .with("PUBLICATION_NAMES", "p")
                      .invoke(CREATE))
          .hasMessageStartingWith("SERVER_LIMIT: all replication slots")
          .hasMessageContaining("max_replication_slots");
    }
  }

  @Test
  void aPluginThatIsNotInstalledIsNamed() {
    String libraries = "pgoutput, test_decoding, wal2json";
    try (PostgresServer server =
        PostgresServer.start(major, Map.of("output_plugin_libraries", libraries))) {
      LocalDeployment broken = LocalDeployment.on(server, kinesis, 1);
      assertThatThrownBy(
              () -> broken.invoke("{\"action\":\"create-slot\",\"plugin\":\"wal2json\"}"))
          .hasMessageStartingWith("PLUGIN_MISSING: the server has no library wal2json")
          .hasMessageContaining("pgoutput");
      assertThatThrownBy(
              () -> broken.invoke("{\"action\":\"create-slot\",\"plugin\":\"decoderbufs\"}"))
          .hasMessageStartingWith("PLUGIN_UNSUPPORTED: ");
    }
  }

  @Test
  void aSlotWhoseWalIsGoneIsNamed() {
    try (PostgresServer small =
        PostgresServer.start(
            major,
            Map.of(
                "max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB", "max_wal_size", "32MB"))) {
      LocalDeployment broken = LocalDeployment.on(small, kinesis, 1).withSlot("test_decoding");
      broken.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      for (int i = 0; i < 4; i++) {
        broken.sql("SELECT pg_switch_wal()", "INSERT INTO t VALUES (10 + " + i + ")", "CHECKPOINT");
      }
      assertThatThrownBy(() -> broken.invoke(POLL))
          .hasMessageStartingWith("SLOT_LOST: the server invalidated slot " + broken.slot())
          .hasMessageContaining("max_slot_wal_keep_size")
          .hasMessageContaining("drop-slot")
          .hasMessageEndingWith("Changes are missing from the stream.");
      assertThatThrownBy(() -> broken.invoke(CREATE)).hasMessageStartingWith("SLOT_LOST: ");
      assertThat(
              broken
                  .invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + broken.slot() + "\"}")
                  .path("outcome")
                  .asText())
          .isEqualTo("DROPPED");
      assertThat(broken.invoke(CREATE).path("outcome").asText()).isEqualTo("CREATED");
    }
  }
}

package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Slots are created and dropped when told to, and never otherwise. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class SlotCommandsIT {

  private static final String CREATE = "{\"action\":\"create-slot\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private final int major;
  private final LocalDeployment deployment;

  SlotCommandsIT(int major) {
    this.major = major;
    this.deployment = LocalDeployment.on(PostgresServer.shared(major), kinesis, 1);
  }

  private String slotColumn(String column) {
    return deployment.query(
        "SELECT "
            + column
            + " FROM pg_replication_slots WHERE slot_name = '"
            + deployment.slot()
            + "'");
  }

  private String drop(String confirm) {
    return deployment
        .invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + confirm + "\"}")
        .path("outcome")
        .asText();
  }

  @Test
  void withoutPublicationsTheDefaultIsTestDecoding() {
    JsonNode result = deployment.invoke(CREATE);

    assertThat(result.path("action").asText()).isEqualTo("create-slot");
    assertThat(result.path("outcome").asText()).isEqualTo("CREATED");
    assertThat(result.path("slot").asText()).isEqualTo(deployment.slot());
    assertThat(result.path("plugin").asText()).isEqualTo("test_decoding");
    assertThat(result.path("database").asText()).isEqualTo(deployment.database());
    assertThat(result.path("confirmedLsn").asText()).isEqualTo(deployment.position());
    assertThat(slotColumn("plugin")).isEqualTo("test_decoding");
  }

  @Test
  void pgoutputIsRefusedUntilItsPublicationExists() {
    deployment.with("PUBLICATION_NAMES", "orders");
    assertThatThrownBy(() -> deployment.invoke(CREATE))
        .hasMessageStartingWith("PUBLICATION_MISSING: publication orders does not exist");
    assertThat(slotColumn("plugin")).isEqualTo("no row");

    deployment.sql("CREATE PUBLICATION orders FOR ALL TABLES");

    assertThat(deployment.invoke(CREATE).path("plugin").asText()).isEqualTo("pgoutput");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    assertThat(deployment.invoke("{\"action\":\"poll\"}").path("records").asInt()).isEqualTo(1);
  }

  @Test
  void creatingAgainChangesNothing() {
    deployment.invoke(CREATE);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    String before = deployment.position();

    JsonNode again = deployment.invoke(CREATE);

    assertThat(again.path("outcome").asText()).isEqualTo("EXISTS");
    assertThat(again.path("confirmedLsn").asText()).isEqualTo(before);
    assertThat(deployment.position()).isEqualTo(before);
  }

  @Test
  void anotherSlotOfTheNameIsLeftAlone() {
    deployment.sql("CREATE PUBLICATION p FOR ALL TABLES");
    deployment.invoke(CREATE);
    deployment.with("PUBLICATION_NAMES", "p");

    assertThatThrownBy(() -> deployment.invoke(CREATE))
        .hasMessageStartingWith("SLOT_EXISTS: there is a slot " + deployment.slot())
        .hasMessageContaining("its plugin is test_decoding and not pgoutput")
        .hasMessageContaining("Nothing was changed");
    assertThat(slotColumn("plugin")).isEqualTo("test_decoding");

    String elsewhere = PostgresServer.shared(major).createDatabase();
    deployment.with("PGDATABASE", elsewhere).without("PUBLICATION_NAMES");
    assertThatThrownBy(() -> deployment.invoke(CREATE))
        .hasMessageStartingWith("SLOT_EXISTS: ")
        .hasMessageContaining("belongs to database " + deployment.database());
  }

  @Test
  void failoverNeedsPostgreSql17() {
    String event = "{\"action\":\"create-slot\",\"failover\":true}";
    if (major < 17) {
      assertThatThrownBy(() -> deployment.invoke(event))
          .hasMessageStartingWith("SERVER_UNSUPPORTED: failover slots exist from PostgreSQL 17 on")
          .hasMessageContaining("the server is PostgreSQL " + major);
      assertThat(slotColumn("plugin")).isEqualTo("no row");
      return;
    }
    assertThat(deployment.invoke(event).path("failover").asBoolean()).isTrue();
    assertThat(slotColumn("failover")).isEqualTo("t");
    assertThat(deployment.invoke(event).path("outcome").asText()).isEqualTo("EXISTS");
    assertThat(deployment.invoke(CREATE).path("outcome").asText()).isEqualTo("EXISTS");
    assertThatThrownBy(() -> deployment.invoke("{\"action\":\"create-slot\",\"failover\":false}"))
        .hasMessageStartingWith("SLOT_EXISTS: ")
        .hasMessageContaining("its failover is true and not false");
  }

  @Test
  void anOpenTransactionHoldsUpANewSlotAndIsSaidTo() throws SQLException {
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    try (Connection other = PostgresServer.shared(major).connect(deployment.database());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("INSERT INTO t VALUES (1)");

      assertThatThrownBy(() -> deployment.invoke(CREATE, 1_500))
          .hasMessageStartingWith("SLOT_CREATION_TIMEOUT: ")
          .hasMessageContaining("{\"action\":\"status\"}");
      assertThat(slotColumn("plugin")).isEqualTo("no row");
    }
  }

  @Test
  void aSlotIsDroppedOnlyIfItsNameIsRepeated() {
    deployment.invoke(CREATE);

    for (String confirm : new String[] {"", "yes", deployment.slot() + " "}) {
      assertThatThrownBy(() -> drop(confirm))
          .hasMessageStartingWith("NOT_CONFIRMED: nothing was dropped")
          .hasMessageContaining("\"confirm\":\"" + deployment.slot() + "\"");
    }
    assertThatThrownBy(() -> deployment.invoke("{\"action\":\"drop-slot\"}"))
        .hasMessageStartingWith("NOT_CONFIRMED: ");
    assertThat(slotColumn("plugin")).isEqualTo("test_decoding");

    assertThat(drop(deployment.slot())).isEqualTo("DROPPED");
    assertThat(slotColumn("plugin")).isEqualTo("no row");
    assertThat(drop(deployment.slot())).isEqualTo("MISSING");
  }

  @Test
  void aDroppedSlotIsNotCreatedAgainByARun() {
    deployment.invoke(CREATE);
    drop(deployment.slot());

    assertThatThrownBy(() -> deployment.invoke("{\"action\":\"poll\"}"))
        .hasMessageStartingWith("SLOT_MISSING: there is no slot " + deployment.slot())
        .hasMessageEndingWith("Changes may be missing from the stream.");
    assertThat(slotColumn("plugin")).isEqualTo("no row");
  }

  @Test
  void aTransactionThatCannotBePublishedIsSkippedByItsCommitLsn() {
    deployment.invoke(CREATE);
    deployment.sql(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t VALUES (1, 'fits')",
        "INSERT INTO t SELECT i, repeat('x', 2000000) FROM generate_series(2, 3) i",
        "INSERT INTO t VALUES (4, 'fits')");
    String message = "";
    try {
      deployment.invoke("{\"action\":\"poll\"}");
    } catch (RuntimeException e) {
      message = String.valueOf(e.getMessage());
    }
    assertThat(message).startsWith("RECORD_TOO_LARGE: ");
    int start = message.indexOf("{\"action\":\"skip\"");
    String command = message.substring(start, message.indexOf('}', start) + 1);

    JsonNode report = deployment.invoke(command);

    assertThat(report.path("outcome").asText()).isEqualTo("SKIPPED");
    assertThat(report.path("tables").toString()).isEqualTo("{\"public.t\":{\"insert\":2}}");
    assertThat(deployment.log()).anyMatch(line -> line.contains("SKIPPED"));
    assertThat(deployment.position()).isEqualTo(report.path("toLsn").asText());
    assertThatThrownBy(() -> deployment.invoke(command)).hasMessageStartingWith("SKIP_REFUSED: ");
    assertThat(deployment.invoke("{\"action\":\"poll\"}").path("records").asInt()).isEqualTo(1);
    assertThat(deployment.newPayloads()).hasSize(2).allMatch(p -> p.contains("fits"));
  }
}

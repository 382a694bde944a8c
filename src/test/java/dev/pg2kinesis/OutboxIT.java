package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/** Events of an outbox, from the application's transaction to the stream. */
class OutboxIT {

  private static final String POLL = "{\"action\":\"poll\"}";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static LocalDeployment deployment(PostgresServer server, String plugin) {
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, state text)",
        "CREATE TABLE outbox (id uuid PRIMARY KEY, aggregatetype varchar(255) NOT NULL,"
            + " aggregateid varchar(255) NOT NULL, type varchar(255) NOT NULL, payload jsonb)",
        "CREATE TABLE raw_outbox (aggregatetype text, aggregateid text, type text, payload bytea,"
            + " created timestamptz DEFAULT now(), id bigint PRIMARY KEY)",
        "CREATE PUBLICATION everything FOR ALL TABLES");
    return deployment
        .with("PUBLICATION_NAMES", "everything")
        .with("OUTBOX", "*outbox,message:order/*")
        .with("FORMAT", "csv")
        .withSlot(plugin);
  }

  private static void work(LocalDeployment deployment) {
    deployment.sql(
        "BEGIN; INSERT INTO orders VALUES (42, 'paid');"
            + " INSERT INTO outbox VALUES ('0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b11', 'order', '42',"
            + " 'OrderPaid', '{\"paid\": true, \"order\": 42, \"note\": \"a\\nb é\"}');"
            + " DELETE FROM outbox;"
            + " SELECT pg_logical_emit_message(true, 'order/42', '{\"n\":1}');"
            + " SELECT pg_logical_emit_message(true, 'other', 'x'); COMMIT",
        "INSERT INTO outbox VALUES ('0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b12', 'order', '7',"
            + " 'OrderGone', NULL)",
        "TRUNCATE outbox",
        "INSERT INTO raw_outbox VALUES ('order', '42', 'Packed', '\\x00ff0a', now(), 1)",
        "DELETE FROM raw_outbox",
        "SELECT pg_logical_emit_message(false, 'order/alone', 'alone')",
        "INSERT INTO orders VALUES (43, 'new')");
  }

  private static List<String> lines(LocalDeployment deployment) {
    List<String> lines = new ArrayList<>();
    for (Record r : deployment.newRecords()) {
      byte[] bytes = r.data().asByteArray();
      String text =
          bytes.length == 3 ? Base64.getEncoder().encodeToString(bytes) : new String(bytes, UTF_8);
      lines.add(r.partitionKey() + " " + text.replaceFirst("CDC,\\d+", "CDC,xid"));
    }
    return lines;
  }

  private static void assertThatEventsArrive(LocalDeployment deployment) {
    work(deployment);
    JsonNode peeked = deployment.invoke("{\"action\":\"peek\"}").path("records");
    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(lines(deployment))
        .containsExactly(
            "public.orders|42 0,CDC,xid,public.orders,INSERT,42",
            "42 {\"note\": \"a\\nb é\", \"paid\": true, \"order\": 42}",
            "message|order/42 {\"n\":1}",
            "7 ",
            "42 AP8K",
            "message|order/alone alone",
            "public.orders|43 0,CDC,xid,public.orders,INSERT,43");
    // The message that is no event, which csv has no form for, two deletes and a truncate.
    assertThat(report.path("filtered").asInt()).isEqualTo(4);
    assertThat(peeked).hasSize(7);
    assertThat(peeked.path(3).path("data").asText()).isEmpty();
    assertThat(peeked.path(4).path("dataBase64").asText()).isEqualTo("AP8K");
    assertThat(peeked.path(4).has("data")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"test_decoding", "pgoutput"})
  void eventsArriveAsTheyWereWritten(String plugin) {
    assertThatEventsArrive(deployment(PostgresServer.shared(18), plugin));
  }

  @Test
  void eventsArriveThroughWal2Json() {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      LocalDeployment deployment = deployment(server, "wal2json");
      work(deployment);
      JsonNode first =
          deployment.with("WAL2JSON_FORMAT_VERSION", "1").invoke("{\"action\":\"peek\"}");
      JsonNode second =
          deployment.with("WAL2JSON_FORMAT_VERSION", "2").invoke("{\"action\":\"peek\"}");
      assertThat(first.path("records")).hasSize(7);
      assertThat(first.findValuesAsText("partitionKey"))
          .isEqualTo(second.findValuesAsText("partitionKey"));
      assertThat(first.findValuesAsText("data")).isEqualTo(second.findValuesAsText("data"));
      assertThat(first.findValuesAsText("dataBase64")).containsExactly("AP8K");
      deployment.invoke(POLL);
      assertThat(lines(deployment))
          .hasSize(7)
          .contains("42 {\"note\": \"a\\nb é\", \"paid\": true, \"order\": 42}", "42 AP8K", "7 ");
    }
  }

  @Test
  void anUpdateStopsTheRunWhereItIsUntilItIsSkipped() {
    LocalDeployment deployment = deployment(PostgresServer.shared(18), "pgoutput");
    deployment.sql(
        "INSERT INTO outbox VALUES ('0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b11', 'order', '42',"
            + " 'OrderPaid', '{\"secret\": 1}')",
        "UPDATE outbox SET id = '0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b12', payload = '{\"secret\": 2}'",
        "INSERT INTO orders VALUES (1, 'after')");

    String[] commit = new String[1];
    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("OUTBOX_UPDATED: a row of the outbox table public.outbox")
        .hasMessageNotContaining("secret")
        .extracting(Throwable::getMessage)
        .asString()
        .satisfies(message -> commit[0] = message.replaceAll("(?s).*\"to\":\"([^\"]+)\".*", "$1"));
    assertThat(lines(deployment)).containsExactly("42 {\"secret\": 1}");
    String stuck = deployment.position();
    assertThatThrownBy(() -> deployment.invoke(POLL)).hasMessageStartingWith("OUTBOX_UPDATED");
    assertThat(deployment.position()).isEqualTo(stuck);
    assertThat(deployment.newRecords()).isEmpty();

    deployment.invoke("{\"action\":\"skip\",\"to\":\"" + commit[0] + "\"}");
    deployment.invoke(POLL);
    assertThat(lines(deployment))
        .containsExactly("public.orders|1 0,CDC,xid,public.orders,INSERT,1");
  }

  /** As events they are lines, so that they can be packed with other changes. */
  @Test
  void aTableThatIsNoOutboxIsNamedWithItsColumnsAndEventsCanBePacked() {
    LocalDeployment deployment =
        deployment(PostgresServer.shared(18), "pgoutput")
            .with("OUTBOX_FORMAT", "event")
            .with("PACKING", "lines")
            .with("PARTITION_KEY", "constant")
            .with("FORMAT", "flat");
    work(deployment);
    deployment.sql("CREATE TABLE no_outbox (id int)", "INSERT INTO no_outbox VALUES (1)");

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith(
            "OUTBOX_COLUMNS_MISSING: the table public.no_outbox, which OUTBOX names, has no column"
                + " aggregatetype, aggregateid, type, payload in the transaction that commits at ");
    assertThat(deployment.newPayloads()).hasSize(1).first().asString().hasLineCount(7);
  }
}

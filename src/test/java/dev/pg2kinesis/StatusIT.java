package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers of {@code status} as files, for a healthy deployment and for broken ones. What differs
 * from run to run stands as {@code <…>}; run with {@code -Dgolden.write=true} to write them anew.
 */
class StatusIT {

  private static final Path GOLDEN = Path.of("src/test/resources/dev/pg2kinesis/status");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Numbers and positions that differ from run to run. */
  private static final Set<String> VOLATILE =
      Set.of(
          "version",
          "systemIdentifier",
          "flushLsn",
          "confirmedLsn",
          "restartLsn",
          "lagBytes",
          "retainedBytes",
          "safeWalBytes",
          "replicationSlots",
          "pid",
          "ageSeconds");

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static LocalDeployment on(PostgresServer server) {
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 2);
    deployment.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, note text)",
        "CREATE PUBLICATION everything FOR ALL TABLES");
    return deployment.with("PUBLICATION_NAMES", "everything");
  }

  private static LocalDeployment healthy() {
    return on(PostgresServer.shared(15)).withSlot("pgoutput");
  }

  private static void assertGolden(String name, LocalDeployment deployment) {
    assertGolden(name, deployment, deployment.invoke("{\"action\":\"status\"}"));
  }

  private static void assertGolden(String name, LocalDeployment deployment, JsonNode answer) {
    try {
      String text =
          JSON.writerWithDefaultPrettyPrinter()
              .writeValueAsString(masked(answer))
              .replace(deployment.slot(), "<slot>")
              .replace(deployment.stream(), "<stream>")
              .replaceAll("\\bdb\\d+\\b", "<database>")
              .replaceAll("localhost:\\d+", "localhost:<port>")
              .replaceAll("process \\d+", "process <pid>")
              .replaceAll("(?<=localhost:<port> )\\(.*?\\)", "(<reason>)");
      Path file = GOLDEN.resolve(name + ".json");
      if (Boolean.getBoolean("golden.write")) {
        Files.createDirectories(GOLDEN);
        Files.writeString(file, text + "\n");
      }
      assertThat(text + "\n").as(name).isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode masked(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : List.copyOf(object.properties())) {
        object.set(
            field.getKey(),
            VOLATILE.contains(field.getKey())
                ? object.textNode("<" + field.getKey() + ">")
                : masked(field.getValue()));
      }
    } else if (node instanceof ArrayNode array) {
      array.forEach(StatusIT::masked);
    }
    return node;
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void healthy(int major) {
    assertGolden("healthy-" + major, on(PostgresServer.shared(major)).withSlot("pgoutput"));
  }

  @Test
  void noDatabase() {
    assertGolden("no-database", healthy().with("PGPORT", "1"));
  }

  @Test
  void wrongPassword() {
    PostgresServer.shared(15).requirePassword("guarded", "nobody");
    assertGolden("wrong-password", healthy().with("PGUSER", "nobody"));
  }

  @Test
  void noSlot() {
    assertGolden("no-slot", on(PostgresServer.shared(15)));
  }

  @Test
  void noStream() {
    assertGolden("no-stream", healthy().with("STREAM_NAME", "nosuch"));
  }

  @Test
  void noPublication() {
    assertGolden("no-publication", healthy().with("PUBLICATION_NAMES", "everything,nosuch"));
  }

  @Test
  void slotOfAnotherDatabase() {
    assertGolden(
        "slot-of-another-database",
        healthy().with("PGDATABASE", PostgresServer.shared(15).createDatabase()));
  }

  @Test
  void noPrivilege() {
    LocalDeployment deployment = healthy();
    deployment.sql("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN");
    assertGolden("no-privilege", deployment.with("PGUSER", "reader"));
  }

  @Test
  void tableWithoutIdentity() {
    LocalDeployment deployment = healthy();
    deployment.sql("CREATE TABLE log (line text)", "CREATE TABLE \"Odd Name\" (line text)");
    assertGolden("table-without-identity", deployment);
  }

  @Test
  void everythingMissing() {
    assertGolden(
        "everything-missing",
        on(PostgresServer.shared(15))
            .with("PUBLICATION_NAMES", "nosuch")
            .with("STREAM_NAME", "nosuch"));
  }

  @Test
  void walLevelReplica() {
    try (PostgresServer server = PostgresServer.start(15, Map.of("wal_level", "replica"))) {
      assertGolden("wal-level-replica", on(server));
    }
  }

  @Test
  void openTransactionsAndALostSlot() {
    try (PostgresServer server =
        PostgresServer.start(
            15,
            Map.of(
                "max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB", "max_wal_size", "32MB"))) {
      LocalDeployment deployment = on(server).withSlot("pgoutput");
      deployment.sql("BEGIN", "INSERT INTO orders VALUES (1)", "PREPARE TRANSACTION 'left behind'");
      assertGolden("prepared-transaction", deployment);
      for (int i = 0; i < 4; i++) {
        deployment.sql(
            "SELECT pg_switch_wal()", "INSERT INTO orders VALUES (10 + " + i + ")", "CHECKPOINT");
      }
      assertGolden("lost-slot", deployment);
    }
  }
}

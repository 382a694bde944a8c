package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.scripts.Script.Ended;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/ddl-audit.sql}, run by psql. */
class DdlAuditScriptIT {
  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static Ended script(PostgresServer server, String database, String... options) {
    return new Script("psql", "--no-psqlrc", "--quiet", "-f", "scripts/ddl-audit.sql")
        .with(
            Map.of(
                "PGHOST",
                "localhost",
                "PGPORT",
                Integer.toString(server.port()),
                "PGDATABASE",
                database,
                "PGUSER",
                "postgres"))
        .arguments(options)
        .run();
  }

  private static void audit(PostgresServer server, String database, String... options) {
    Ended ended = script(server, database, options);
    assertThat(ended.status()).as(ended.text()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void ddlArrivesInItsPlaceBetweenTheRows(int major) throws IOException {
    PostgresServer server = PostgresServer.shared(major);
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    deployment.sql("CREATE PUBLICATION p FOR TABLE t");
    audit(server, deployment.database(), "-v", "publication=p");
    audit(server, deployment.database(), "-v", "publication=p");
    deployment
        .with("PUBLICATION_NAMES", "p")
        .with("PARTITION_KEY", "constant")
        .withSlot("pgoutput");

    deployment.sql(
        "INSERT INTO t VALUES (1)",
        "ALTER TABLE t ADD COLUMN v text",
        "INSERT INTO t VALUES (2, 'x')",
        "CREATE TEMPORARY TABLE scratch (id int)",
        "DROP TABLE t");
    deployment.invoke("{\"action\":\"poll\"}");

    ObjectMapper json = new ObjectMapper();
    List<String> seen = new ArrayList<>();
    for (String payload : deployment.newPayloads()) {
      JsonNode after = json.readTree(payload).path("after");
      seen.add(
          after.has("tag")
              ? after.path("tag").asText()
                  + " "
                  + after.path("object").asText()
                  + ": "
                  + after.path("statement").asText()
              : after.toString());
    }
    assertThat(seen)
        .containsExactly(
            "{\"id\":1}",
            "ALTER TABLE public.t: ALTER TABLE t ADD COLUMN v text",
            "{\"id\":2,\"v\":\"x\"}",
            "DROP TABLE public.t: DROP TABLE t");
  }

  @Test
  void theAuditCanLeaveStatementsOutAndBeRemoved() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    audit(server, database, "-v", "statement=off");
    server.execute(database, "CREATE TABLE t (id int DEFAULT 42)");
    assertThat(
            server.query(
                database,
                "SELECT tag || ' ' || object || ' ' || coalesce(statement, 'none')"
                    + " FROM pg2kinesis.ddl_audit"))
        .isEqualTo("CREATE TABLE public.t none");

    audit(server, database, "-v", "remove=on");
    server.execute(database, "DROP TABLE t");
    assertThat(server.query(database, "SELECT count(*) FROM pg2kinesis.ddl_audit")).isEqualTo("1");
    assertThat(server.query(database, "SELECT count(*) FROM pg_event_trigger")).isEqualTo("0");

    audit(server, database, "-v", "remove=on", "-v", "drop=on");
    assertThat(server.query(database, "SELECT to_regclass('pg2kinesis.ddl_audit')"))
        .isEqualTo("null");
  }

  @Test
  void whoMayNotWriteTheAuditMayStillRunDdl() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    audit(server, database);

    server.execute(
        database,
        "CREATE ROLE developer_" + database,
        "CREATE SCHEMA work AUTHORIZATION developer_" + database,
        "SET ROLE developer_" + database,
        "CREATE TABLE work.mine (id int)",
        "RESET ROLE");

    assertThat(
            server.query(
                database,
                "SELECT role || ' ' || tag FROM pg2kinesis.ddl_audit ORDER BY id DESC LIMIT 1"))
        .isEqualTo("postgres CREATE TABLE");
  }

  @Test
  void explainsItself() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();

    Ended ended = script(server, database, "-v", "help=on");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).startsWith("usage: psql");
    assertThat(server.query(database, "SELECT count(*) FROM pg_event_trigger")).isEqualTo("0");
  }
}

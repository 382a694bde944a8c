package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.Installation;
import dev.pg2kinesis.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Major upgrades with the real pg_upgrade, as operations.md says to do them. */
@Timeout(300)
class UpgradeIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String CREATE = "{\"action\":\"create-slot\"}";

  private static Moto moto;

  @TempDir Path directory;

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

  private static LocalDeployment on(PostgresServer server, FakeKinesis kinesis) {
    LocalDeployment deployment =
        LocalDeployment.on(server, kinesis, 1)
            .with("WATERMARK_PARAMETER", "/upgrade/watermark" + server.major())
            .with("PUBLICATION_NAMES", "p")
            .with("FORMAT", "csv");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t");
    deployment.invoke(CREATE);
    return deployment;
  }

  private static List<String> poll(LocalDeployment deployment) {
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
    return payloads(deployment);
  }

  private static List<String> payloads(LocalDeployment deployment) {
    return deployment.newPayloads().stream()
        .map(payload -> payload.substring(payload.lastIndexOf(',') + 1))
        .toList();
  }

  /** After the upgrade it is another cluster, which only an operator can tell from a wrong one. */
  private static void acceptGap(LocalDeployment deployment) {
    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("GAP: ")
        .hasMessageContaining("it is another cluster");
    deployment.invoke("{\"action\":\"poll\",\"acceptGap\":\"" + deployment.position() + "\"}");
  }

  private static Script.Ended script(PostgresServer server, LocalDeployment deployment) {
    return new Script("psql", "--no-psqlrc", "--quiet", "-f", "scripts/upgrade.sql")
        .arguments("-v", "slot=" + deployment.slot())
        .with(
            Map.of(
                "PGHOST",
                "localhost",
                "PGPORT",
                Integer.toString(server.port()),
                "PGDATABASE",
                deployment.database(),
                "PGUSER",
                "postgres"))
        .run();
  }

  @Test
  void from17TheSlotIsKept() {
    Installation from = Venv.postgres(17);
    Installation to = Venv.postgres(18);
    Path old = directory.resolve("old");
    Path upgraded = directory.resolve("new");
    from.initialise(old);
    to.initialise(upgraded);
    int port = Installation.freePort();
    LocalDeployment deployment;
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      try (PostgresServer server = from.start(old, port)) {
        deployment = on(server, kinesis);
        deployment.sql("INSERT INTO t VALUES (1)");
        assertThat(poll(deployment)).containsExactly("1");
        deployment.sql("INSERT INTO t VALUES (2)");

        Script.Ended tooEarly = script(server, deployment);

        assertThat(tooEarly.status()).as(tooEarly.text()).isEqualTo(3);
        assertThat(tooEarly.err()).contains("has changes that are not published");
        assertThat(deployment.invoke("{\"action\":\"status\"}").at("/slot/lagBytes").asLong())
            .isPositive();
      }
      Installation.Ended refused = to.upgrade(from, old, upgraded, "--check");
      assertThat(refused.status()).as(refused.output()).isOne();
      assertThat(refused.output()).contains("logical replication slots that cannot be upgraded");
      try (PostgresServer server = from.start(old, port)) {
        assertThat(poll(deployment)).containsExactly("2");

        JsonNode status = deployment.invoke("{\"action\":\"status\"}");
        Script.Ended ready = script(server, deployment);

        assertThat(status.at("/slot/lagBytes").asLong()).as("%s", status).isLessThan(100_000);
        assertThat(status.path("outcome").asText()).isEqualTo("HEALTHY");
        assertThat(ready.status()).as(ready.text()).isZero();
        assertThat(ready.err()).contains("The upgrade keeps it");
      }
      Installation.Ended done = to.upgrade(from, old, upgraded);
      assertThat(done.status()).as(done.output()).isZero();
      try (PostgresServer server = to.start(upgraded, port)) {
        server.execute(deployment.database(), "INSERT INTO t VALUES (3)");
        acceptGap(deployment);
        assertThat(payloads(deployment)).containsExactly("3");
        server.execute(deployment.database(), "INSERT INTO t VALUES (4)");
        assertThat(poll(deployment)).containsExactly("4");
        assertThat(deployment.invoke("{\"action\":\"status\"}").path("outcome").asText())
            .isEqualTo("HEALTHY");
      }
    }
  }

  @Test
  void before17TheSlotIsMadeAgainWhileNobodyWrites() {
    Installation from = new Installation(15, Path.of("/usr/lib/postgresql/15/bin"));
    Assumptions.assumeTrue(
        Files.isExecutable(from.programs().resolve("pg_upgrade")), "needs Debian's postgresql-15");
    Installation to = Venv.postgres(18);
    Path old = directory.resolve("old");
    Path upgraded = directory.resolve("new");
    from.initialise(old);
    to.initialise(upgraded);
    int port = Installation.freePort();
    LocalDeployment deployment;
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      try (PostgresServer server = from.start(old, port)) {
        deployment = on(server, kinesis);
        deployment.sql("INSERT INTO t VALUES (1)");

        Script.Ended tooEarly = script(server, deployment);

        assertThat(tooEarly.status()).as(tooEarly.text()).isEqualTo(3);
        assertThat(poll(deployment)).containsExactly("1");
        Script.Ended ready = script(server, deployment);
        assertThat(ready.status()).as(ready.text()).isZero();
        assertThat(server.query("postgres", "SELECT count(*) FROM pg_replication_slots"))
            .isEqualTo("0");
      }
      Installation.Ended done = to.upgrade(from, old, upgraded);
      assertThat(done.status()).as(done.output()).isZero();
      try (PostgresServer server = to.start(upgraded, port)) {
        deployment.invoke(CREATE);
        server.execute(deployment.database(), "INSERT INTO t VALUES (2)");
        acceptGap(deployment);
        assertThat(payloads(deployment)).containsExactly("2");
        server.execute(deployment.database(), "UPDATE t SET id = 3 WHERE id = 1");
        assertThat(poll(deployment)).hasSize(1);
      }
    }
  }
}

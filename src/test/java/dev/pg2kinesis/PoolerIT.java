package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PgBouncer;
import dev.pg2kinesis.postgres.PostgresServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind a pooler a run is alone with its slot, or says that it cannot be. */
@Timeout(120)
class PoolerIT {

  private static final PostgresServer SERVER = PostgresServer.shared(15);

  @TempDir Path directory;

  private final FakeKinesis kinesis = FakeKinesis.start();
  private final LocalDeployment deployment =
      LocalDeployment.on(SERVER, kinesis, 1).withSlot("test_decoding");

  @BeforeEach
  void change() {
    Assumptions.assumeTrue(PgBouncer.isInstalled(), PgBouncer::missing);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
  }

  @AfterEach
  void close() {
    kinesis.close();
  }

  @Test
  void aSessionOfItsOwnIsAsGoodAsADirectOne() {
    try (PgBouncer pooler = PgBouncer.before(SERVER, "session", directory)) {
      deployment.with("PGPORT", Integer.toString(pooler.port()));
      assertThat(deployment.invoke("{}").path("changes").asInt()).isOne();
      assertThat(deployment.invoke("{}").path("changes").asInt()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "statement"})
  void aSessionThatAnyStatementMayGetIsRefused(String mode) {
    String before = deployment.position();
    try (PgBouncer pooler = PgBouncer.before(SERVER, mode, directory)) {
      deployment.with("PGPORT", Integer.toString(pooler.port()));
      assertThatThrownBy(() -> deployment.invoke("{}"))
          .hasMessageStartingWith("LOCK_LOST")
          .hasMessageContaining("pooler")
          .hasMessageContaining("PGHOST");
      assertThat(deployment.position()).isEqualTo(before);
    }
    deployment.with("PGPORT", Integer.toString(SERVER.port()));
    assertThat(deployment.invoke("{}").path("changes").asInt()).isOne();
  }

  /** As PgBouncer does by default. One client alone gets the same session again and again. */
  @Test
  void aSessionThatIsNotResetIsReadOrRefused() {
    try (PgBouncer pooler = PgBouncer.before(SERVER, "transaction", false, directory)) {
      deployment.with("PGPORT", Integer.toString(pooler.port()));
      try {
        assertThat(deployment.invoke("{}").path("changes").asInt()).isOne();
      } catch (CodedException e) {
        assertThat(e).hasMessageStartingWith("LOCK_LOST");
        deployment.with("PGPORT", Integer.toString(SERVER.port()));
        assertThat(deployment.invoke("{}").path("changes").asInt()).isOne();
      }
      deployment.with("PGPORT", Integer.toString(SERVER.port()));
      assertThat(deployment.invoke("{}").path("outcome").asText())
          .as("no lock was left")
          .isEqualTo("CAUGHT_UP");
    }
  }
}

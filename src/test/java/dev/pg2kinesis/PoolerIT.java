package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void aSessionThatAnyStatementMayGetIsRefused() {
    String before = deployment.position();
    try (PgBouncer pooler = PgBouncer.before(SERVER, "transaction", directory)) {
      deployment.with("PGPORT", Integer.toString(pooler.port()));
      assertThatThrownBy(() -> deployment.invoke("{}"))
          .hasMessageStartingWith("LOCK_LOST")
          .hasMessageContaining("pooler")
          .hasMessageContaining("PGHOST");
      assertThat(deployment.position()).isEqualTo(before);
    }
  }
}

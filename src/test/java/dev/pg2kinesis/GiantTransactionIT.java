package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction that takes longer than any run may last. */
class GiantTransactionIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final int ROWS = 30_000;
  private static final int MOST_RUNS = 100;

  private FakeKinesis kinesis;
  private LocalDeployment deployment;

  @BeforeEach
  void deploy() {
    kinesis = FakeKinesis.start();
    // 500 records in 150 ms, one request after the other: 9 seconds for all of them.
    kinesis.setLatencyMillis(150);
    deployment =
        LocalDeployment.on(PostgresServer.shared(18), kinesis, 1)
            .withSlot("test_decoding")
            .with("FORMAT", "csv")
            .with("LANES", "1")
            .with("TIME_RESERVE_MS", "1000");
    deployment.sql("CREATE TABLE giant (id int PRIMARY KEY)");
    deployment.invoke(POLL);
  }

  private void writeGiant() {
    deployment.sql("INSERT INTO giant SELECT generate_series(1, " + ROWS + ")");
  }

  @AfterEach
  void stop() {
    kinesis.close();
  }

  @Test
  void isFinishedBySeveralRunsWithAWatermark() {
    try (Moto moto = Moto.start()) {
      System.setProperty("aws.endpointUrlSsm", moto.endpoint().toString());
      deployment.with("WATERMARK_PARAMETER", "/giant/watermark");
      // The first use of a client takes longer than the runs below may last on a slow machine.
      deployment.invoke(POLL);
      writeGiant();
      List<String> delivered = new ArrayList<>();
      int runs = 0;
      String outcome = "";
      while (!outcome.equals("CAUGHT_UP") && ++runs < MOST_RUNS) {
        JsonNode report = deployment.invoke(POLL, 4_000);
        outcome = report.path("outcome").asText();
        delivered.addAll(deployment.newPayloads());
      }

      assertThat(outcome).isEqualTo("CAUGHT_UP");
      assertThat(runs).as("runs that it took").isGreaterThan(1);
      assertThat(new HashSet<>(delivered)).hasSize(ROWS);
      // Only what was on its way when a run ended may have come twice.
      assertThat(delivered.size()).isLessThan(ROWS + runs * 2 * 500);
    } finally {
      System.clearProperty("aws.endpointUrlSsm");
    }
  }

  @Test
  void isAnErrorWithoutOne() {
    writeGiant();
    String before = deployment.position();

    assertThatThrownBy(() -> deployment.invoke(POLL, 3_000))
        .hasMessageStartingWith("TRANSACTION_TOO_LONG: ")
        .hasMessageContaining("WATERMARK_PARAMETER");

    assertThat(deployment.position()).isEqualTo(before);
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(new HashSet<>(deployment.newPayloads())).hasSize(ROWS);
  }
}

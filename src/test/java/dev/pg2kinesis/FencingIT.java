package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run whose session is gone, and with it the slot's lock, while Kinesis keeps it waiting. Another
 * run may be at work: this one must send nothing more and leave the watermark alone.
 */
@Timeout(120)
class FencingIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final String PARAMETER = "/fencing/watermark";

  private static Moto moto;

  private final PostgresServer server = PostgresServer.shared(15);
  private final FakeKinesis kinesis = FakeKinesis.start();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();

  @BeforeAll
  static void startParameterStore() {
    moto = Moto.start();
    System.setProperty("aws.endpointUrlSsm", moto.endpoint().toString());
  }

  @AfterAll
  static void stopParameterStore() {
    System.clearProperty("aws.endpointUrlSsm");
    if (moto != null) {
      moto.close();
    }
  }

  @AfterEach
  void closeKinesis() {
    release.countDown();
    kinesis.close();
  }

  private LocalDeployment deployment() {
    return deployment(1);
  }

  private LocalDeployment deployment(int shards) {
    LocalDeployment deployment =
        LocalDeployment.on(server, kinesis, shards).with("FORMAT", "csv").withSlot("test_decoding");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    return deployment;
  }

  /**
   * The n-th call of {@code PutRecords} ends the sessions of all runs, and waits for its answer.
   */
  private void holdCall(int n, LocalDeployment deployment) {
    kinesis.setFaults(
        () -> {
          if (calls.incrementAndGet() == n) {
            terminate(deployment);
            await(release);
          }
          return CallFault.NONE;
        });
  }

  private static void terminate(LocalDeployment deployment) {
    deployment.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'pg2kinesis-lambda' AND datname = current_database()");
    PostgresServer.await(
        () ->
            deployment
                .query(
                    "SELECT count(*) FROM pg_stat_activity"
                        + " WHERE application_name = 'pg2kinesis-lambda'"
                        + " AND datname = current_database()")
                .equals("0"));
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("never released");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CompletableFuture<@Nullable Throwable> start(LocalDeployment function) {
    return CompletableFuture.supplyAsync(() -> catchThrowable(() -> function.invoke(POLL)));
  }

  @Test
  void aRunWithoutItsSessionSendsNothingMore() throws Exception {
    LocalDeployment deployment =
        deployment().with("PARTITION_KEY", "constant").with("ORDERING", "strict");
    deployment.sql("INSERT INTO t SELECT generate_series(1, 3000)");
    holdCall(2, deployment);

    Throwable failure = start(deployment).get(60, TimeUnit.SECONDS);

    assertThat(failure).hasMessageStartingWith("CONNECTION_LOST");
    assertThat(calls).as("the call that was under way, and none after it").hasValue(2);
    release.countDown();
    assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(3_000);
  }

  /** What cannot be called back: the requests that were under way, and those of an interval. */
  @ParameterizedTest(name = "{0}, {1} shards")
  @CsvSource({"strict, constant, 1", "replay, primary-key, 4"})
  void littleIsSentAfterTheSessionEnded(String ordering, String key, int shards) throws Exception {
    LocalDeployment deployment =
        deployment(shards).with("ORDERING", ordering).with("PARTITION_KEY", key);
    deployment.sql("INSERT INTO t SELECT generate_series(1, 200000)");
    kinesis.setLatencyMillis(20);
    AtomicLong sentBefore = new AtomicLong();
    kinesis.setFaults(
        () -> {
          if (calls.incrementAndGet() == 20) {
            terminate(deployment);
            sentBefore.set(kinesis.putEntries());
          }
          return CallFault.NONE;
        });

    Throwable failure = start(deployment).get(60, TimeUnit.SECONDS);

    assertThat(failure).hasMessageStartingWith("CONNECTION_LOST");
    long sentAfter = kinesis.putEntries() - sentBefore.get();
    System.out.printf(
        "%s, %s, %d shards: %d records before the session ended, %d after it%n",
        ordering, key, shards, sentBefore.get(), sentAfter);
    assertThat(kinesis.putEntries()).isLessThan(200_000);
  }

  @Test
  void aLateAnswerDoesNotMoveTheWatermarkBack() throws Exception {
    LocalDeployment first = deployment().with("WATERMARK_PARAMETER", PARAMETER);
    assertThat(first.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
    first.sql("INSERT INTO t VALUES (1)");
    holdCall(1, first);
    CompletableFuture<@Nullable Throwable> held = start(first);
    PostgresServer.await(() -> calls.get() > 0);

    first.sql("INSERT INTO t VALUES (2)");
    LocalDeployment second = first.secondFunction();
    PostgresServer.await(() -> !second.invoke(POLL).path("outcome").asText().equals("BUSY"));
    String moved = first.position();
    release.countDown();

    assertThat(held.get(60, TimeUnit.SECONDS)).hasMessageStartingWith("CONNECTION_LOST");
    JsonNode next = second.invoke(POLL);
    assertThat(next.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    try (AwsClients aws = new AwsClients()) {
      String watermark =
          Objects.requireNonNull(new VersionedParameter(PARAMETER, aws).read()).value();
      assertThat(watermark).contains("\"movedLsn\":\"" + first.position() + "\"");
    }
    assertThat(first.position()).isGreaterThanOrEqualTo(moved);
  }
}

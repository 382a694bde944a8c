package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublisherConfiguration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The publisher with its threads, over HTTP. */
final class KinesisPublisherTest {

  private static final PublisherConfiguration DEFAULTS = PublisherConfiguration.defaults();

  @ParameterizedTest
  @CsvSource({
    "REPLAY, NONE",
    "REPLAY, LINES",
    "REPLAY, KPL",
    "STRICT, NONE",
    "STRICT, LINES",
    "STRICT, KPL"
  })
  void keepsTheVersionsOfEachRowInOrderWhereANaiveResendDoesNot(
      Ordering ordering, Packing packing) {
    try (PublisherAgainstFake test =
        new PublisherAgainstFake(DEFAULTS.withOrdering(ordering).withPacking(packing), 4)) {
      test.kinesis.setFaults(
          Faults.seeded(
              1,
              0.1,
              0.2,
              CallFault.refuse(400, "ProvisionedThroughputExceededException"),
              CallFault.refuse(500, "InternalFailure"),
              CallFault.hangUp(),
              CallFault.putAndHangUp(),
              CallFault.putButAnswer(503, "ServiceUnavailable")));
      Random random = new Random(2);
      for (int i = 0; i < 10_000; i++) {
        test.publish("row-" + random.nextInt(200));
        if (i % 1_000 == 999) {
          test.fake.split(random.nextInt(test.fake.openShardCount()), System.nanoTime());
        }
      }
      test.publisher.flush();

      assertThat(test.publisher.acknowledged()).isEqualTo(10_000);
      assertThat(test.order.unsettled(test.versions.sent())).isEmpty();
      assertThat(test.publisher.totals().retriedRecords()).isPositive();
      if (ordering == Ordering.STRICT) {
        assertThat(test.order.skips()).isZero();
      }
    }
  }

  @Test
  void countsRecordsAndBytesOnceHoweverOftenTheyAreSent() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.kinesis.setFaults(Faults.seeded(1, 0, 0.5));
      for (int i = 0; i < 100; i++) {
        test.publish("k" + i % 10);
      }
      test.publisher.flush();

      assertThat(test.publisher.totals().records()).isEqualTo(100);
      assertThat(test.publisher.totals().bytes()).isEqualTo(100 * 102);
      assertThat(test.publisher.totals().retriedRecords()).isPositive();
    }
  }

  @Test
  void changesThatComeOneByOneShareFewRequests() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 64)) {
      // The first call is on its way until all changes are there.
      CountDownLatch published = new CountDownLatch(1);
      test.kinesis.setFaults(
          () -> {
            awaitUninterruptibly(published);
            return CallFault.NONE;
          });
      for (int i = 0; i < 1_000; i++) {
        test.publish("k" + i);
      }
      published.countDown();
      test.publisher.flush();

      assertThat(test.kinesis.putCalls()).isLessThan(40);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void blocksWhileAsMuchWaitsAsMayBeHeldAndGivesUpAtTheDeadline() {
    try (PublisherAgainstFake test =
        new PublisherAgainstFake(DEFAULTS.withMaxPendingBytes(10_000), 1)) {
      test.publish("k");
      test.publisher.flush();
      test.kinesis.setFaults(() -> CallFault.refuse(400, "ThrottlingException"));
      // The deadline passes once the publisher has been throttled for a while.
      test.fake.observe(delivery -> {});
      Thread clock =
          new Thread(
              () -> {
                while (test.kinesis.putCalls() < 20) {
                  Thread.onSpinWait();
                }
                test.remainingMillis.set(0);
              });
      clock.start();

      PublishException e =
          catchThrowableOfType(
              PublishException.class,
              () -> {
                while (true) {
                  test.publish("k");
                }
              });

      assertThat(e.code()).isEqualTo(PublishException.Code.DEADLINE);
      assertThat(e).hasMessageContaining("ThrottlingException");
      assertThat(test.versions.count()).isBetween(2L, 40L);
      assertThat(test.publisher.acknowledged()).isEqualTo(1);
      assertThatThrownBy(test.publisher::flush).hasMessageStartingWith("DEADLINE");
    }
  }

  /** {@code Records} makes no such record; should one come, the run stops. */
  @Test
  void aRecordLargerThanTheStreamTakesStopsTheRunAndHarmsNoEarlierOne() {
    try (PublisherAgainstFake test =
        new PublisherAgainstFake(DEFAULTS, 1, new FakeStream.Settings(0, 2 << 20, false))) {
      assertThat(test.publisher.maxRecordBytes()).isEqualTo(2 << 20);
      test.publish("k");
      test.publisher.flush();
      test.publisher.publish(new StreamRecord("né", new byte[2 << 20], new Lsn(1), 41));

      assertThatThrownBy(test.publisher::flush)
          .hasMessage("STREAM_FAILED: InvalidArgumentException");
      assertThat(test.publisher.acknowledged()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void takesRecordsUpToTheLastByte(Packing packing) {
    FakeStream.Settings tenMiB = new FakeStream.Settings(0, 10 << 20, true);
    try (PublisherAgainstFake test =
        new PublisherAgainstFake(DEFAULTS.withPacking(packing), 1, tenMiB)) {
      test.fake.observe(delivery -> {});
      byte[] payload = new byte[test.publisher.maxRecordBytes() - 1];
      test.publisher.publish(new StreamRecord("k", payload, new Lsn(1), 0));
      test.publisher.publish(new StreamRecord("k", payload, new Lsn(1), 1));
      test.publisher.flush();

      assertThat(test.publisher.acknowledged()).isEqualTo(2);
    }
  }

  @Test
  void takesTheLongestPartitionKey() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.fake.observe(delivery -> {});
      test.publisher.publish(new StreamRecord("😀".repeat(256), new byte[1], new Lsn(1), 0));
      test.publisher.flush();

      assertThat(test.publisher.acknowledged()).isEqualTo(1);
    }
  }

  /** A small record may wait for others, but not while somebody waits for it. */
  @Test
  void whatIsAskedAboutIsSent() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.publish("k");
      assertThat(test.kinesis.putCalls()).isZero();

      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (test.publisher.acknowledged() == 0) {
        assertThat(System.nanoTime()).as("time").isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void nothingIsSentAfterClosing() {
    PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1);
    test.publish("k");
    test.publisher.flush();
    test.publisher.close();

    assertThatThrownBy(() -> test.publish("k")).isInstanceOf(IllegalStateException.class);
    assertThat(test.publisher.acknowledged()).isEqualTo(1);
    assertThat(test.kinesis.putCalls()).isEqualTo(1);
    test.close();
  }

  @Test
  void flushingNothingSendsNothing() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.publisher.flush();

      assertThat(test.kinesis.putCalls()).isZero();
    }
  }
}

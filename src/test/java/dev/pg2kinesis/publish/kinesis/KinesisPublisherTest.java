package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
  void keeps_the_versions_of_each_row_in_order_where_a_naive_resend_does_not(
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
  void counts_records_and_bytes_once_however_often_they_are_sent() {
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
  void changes_that_come_one_by_one_share_few_requests() {
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
  void blocks_while_as_much_waits_as_may_be_held_and_gives_up_at_the_deadline() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS.withHeldBytes(10_000), 1)) {
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

  @Test
  void a_record_larger_than_the_stream_takes_is_refused_by_name_and_harms_no_other() {
    try (PublisherAgainstFake test =
        new PublisherAgainstFake(DEFAULTS, 1, new FakeStream.Settings(0, 2 << 20, false))) {
      assertThat(test.publisher.maxRecordBytes()).isEqualTo(2 << 20);
      test.publish("k");
      byte[] payload = new byte[(2 << 20) - 1];

      assertThatThrownBy(
              () ->
                  test.publisher.publish(
                      new StreamRecord("né", payload, new Lsn(0x16B374D848L), 41)))
          .hasMessage(
              "RECORD_TOO_LARGE: the change 41 of the transaction that ends at 16/B374D848 has"
                  + " 2097154 bytes with its key, the stream takes 2097152");

      test.publisher.flush();
      assertThat(test.publisher.acknowledged()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void takes_records_up_to_the_last_byte(Packing packing) {
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
  void a_partition_key_has_1_to_256_characters() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.fake.observe(delivery -> {});
      test.publisher.publish(new StreamRecord("😀".repeat(256), new byte[1], new Lsn(1), 0));
      test.publisher.flush();

      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  test.publisher.publish(
                      new StreamRecord("k".repeat(257), new byte[1], new Lsn(1), 1)));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> test.publisher.publish(new StreamRecord("", new byte[1], new Lsn(1), 1)));
    }
  }

  @Test
  void nothing_is_sent_after_closing() {
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
  void flushing_nothing_sends_nothing() {
    try (PublisherAgainstFake test = new PublisherAgainstFake(DEFAULTS, 1)) {
      test.publisher.flush();

      assertThat(test.kinesis.putCalls()).isZero();
    }
  }
}

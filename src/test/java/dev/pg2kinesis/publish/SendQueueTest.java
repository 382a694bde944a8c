package dev.pg2kinesis.publish;

import static dev.pg2kinesis.publish.SendQueue.Urgency.ALL_CHANGES;
import static dev.pg2kinesis.publish.SendQueue.Urgency.FINISHED_RECORDS;
import static dev.pg2kinesis.publish.SendQueue.Urgency.FULL_REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SendQueueTest {

  private static final PublisherConfiguration CONFIGURATION =
      PublisherConfiguration.defaults().withMaxPendingBytes(1_000_000);

  private static SendQueue queue(PublisherConfiguration configuration) {
    return new SendQueue(configuration, Pacing.DEFAULT, 1, 1 << 20, 0, new Random(1));
  }

  private static StreamRecord change(String key, int bytes) {
    return new StreamRecord(key, new byte[bytes], new Lsn(1), 0);
  }

  private static void accept(SendQueue queue, Request request) {
    EntryResult accepted = new EntryResult("shard", null);
    queue.answered(request, Collections.nCopies(request.entries().size(), accepted), 0);
  }

  @Test
  void takesChangesUntilAsMuchWaitsAsMay() {
    SendQueue queue = queue(CONFIGURATION);
    assertThat(queue.offer(change("k", 900_000))).isTrue();
    assertThat(queue.offer(change("k", 900_000))).isFalse();
  }

  @Test
  void takesOneChangeHoweverLarge() {
    assertThat(queue(CONFIGURATION).offer(change("k", 1_000_001))).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Packing.class,
      names = {"LINES", "KPL"})
  void aPackedRecordHasTimeToFillUntilTheCallerWaits(Packing packing) {
    SendQueue queue = queue(CONFIGURATION.withPacking(packing));
    queue.offer(change("k", 100));
    assertThat(queue.next(0, FULL_REQUEST)).isNull();
    assertThat(queue.next(0, FINISHED_RECORDS)).isNull();
    assertThat(queue.nanosUntilReady(0, FINISHED_RECORDS)).isEqualTo(Long.MAX_VALUE);

    assertThat(queue.nanosUntilReady(0, ALL_CHANGES)).isZero();
    assertThat(queue.next(0, ALL_CHANGES)).isNotNull();
  }

  @Test
  void aRecordOfItsOwnGoesAtOnceOrInAFullRequest() {
    SendQueue queue = queue(CONFIGURATION);
    queue.offer(change("k", 100));
    assertThat(queue.next(0, FULL_REQUEST)).isNull();
    assertThat(queue.next(0, FINISHED_RECORDS)).isNotNull();
  }

  /** Otherwise what is acknowledged with no gap would end at the rare key. */
  @ParameterizedTest
  @EnumSource(
      value = Packing.class,
      names = {"LINES", "KPL"})
  void aRareKeyDoesNotWaitForAsLongAsOthersAreBusy(Packing packing) {
    SendQueue queue = queue(CONFIGURATION.withPacking(packing));
    queue.offer(change("rare", 100));
    for (int i = 0; i < 40; i++) {
      while (queue.offer(change("busy", 10_000))) {}
      Request request = queue.next(0, FINISHED_RECORDS);
      if (request != null) {
        accept(queue, request);
      }
    }

    assertThat(queue.acknowledged()).isGreaterThan(100);
  }
}

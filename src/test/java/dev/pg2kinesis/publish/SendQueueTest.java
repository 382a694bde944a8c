package dev.pg2kinesis.publish;

import static dev.pg2kinesis.publish.SendQueue.Urgency.ALL_CHANGES;
import static dev.pg2kinesis.publish.SendQueue.Urgency.FINISHED_RECORDS;
import static dev.pg2kinesis.publish.SendQueue.Urgency.FULL_REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

  /** Buffers serve again: what is on its way or refused must not change under whoever reads it. */
  @ParameterizedTest
  @EnumSource(
      value = Packing.class,
      names = {"LINES", "KPL"})
  void theBytesOfARecordStayUntilItIsAcknowledged(Packing packing) {
    SendQueue queue =
        new SendQueue(
            CONFIGURATION.withPacking(packing).withLanes(8),
            Pacing.DEFAULT,
            8,
            1 << 20,
            0,
            new Random(1));
    Random random = new Random(3);
    IdentityHashMap<Entry, byte[]> first = new IdentityHashMap<>();
    Set<byte[]> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Request> onTheirWay = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      long now = step * 1_000_000L;
      byte[] payload = new byte[random.nextInt(random.nextInt(50) == 0 ? 60_000 : 3_000)];
      random.nextBytes(payload);
      queue.offer(new StreamRecord("key " + random.nextInt(4), payload, new Lsn(1), step));
      Request request = queue.next(now, FINISHED_RECORDS);
      if (request != null) {
        onTheirWay.add(request);
        for (Entry entry : request.entries()) {
          buffers.add(entry.bytes);
          first.putIfAbsent(entry, Arrays.copyOf(entry.bytes, entry.length));
        }
      }
      if (onTheirWay.size() > random.nextInt(6)) {
        Request answered = onTheirWay.remove(random.nextInt(onTheirWay.size()));
        List<EntryResult> results = new ArrayList<>();
        for (Entry entry : answered.entries()) {
          assertThat(entry.data()).isEqualTo(first.get(entry));
          results.add(
              random.nextInt(5) == 0
                  ? new EntryResult(null, "ProvisionedThroughputExceededException")
                  : new EntryResult("shard " + entry.group / 32, null));
        }
        queue.answered(answered, results, now);
      }
    }
    assertThat(buffers.size()).as("buffers of %d records", first.size()).isBetween(2, 200);
  }
}

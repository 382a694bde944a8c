package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.publish.BenchmarkLoad;
import dev.pg2kinesis.publish.Entry;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.Request;
import dev.pg2kinesis.publish.SendQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How much of a stream's quota the queue uses in virtual time, with calls of 15 ms and a caller
 * that always has more. What a machine makes of it is measured by {@code scripts/bench publish}.
 */
final class SaturationTest {

  private static final long CALL_NANOS = TimeUnit.MILLISECONDS.toNanos(15);
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final double NANOS = 1e9;

  private long now;
  private long records;
  private long bytes;

  /** A call on its way. */
  private record Call(long answeredAt, Request request, @Nullable String[] errors) {}

  @ParameterizedTest
  @CsvSource({
    "1, 200, NONE, REPLAY, 1",
    "1, 200, NONE, REPLAY, 0.25",
    "1, 2048, NONE, REPLAY, 0.25",
    "1, 200, LINES, REPLAY, 0.25",
    "4, 2048, LINES, REPLAY, 0.25",
    "16, 200, NONE, STRICT, 0.25",
    "16, 2048, NONE, REPLAY, 0.25",
    "16, 200, LINES, REPLAY, 0.25",
    "64, 200, NONE, REPLAY, 1",
    "64, 200, NONE, REPLAY, 0.25",
    "64, 2048, NONE, REPLAY, 1",
    "64, 2048, NONE, REPLAY, 0.25",
    "64, 200, LINES, REPLAY, 0.25",
    "64, 2048, LINES, REPLAY, 1",
    "64, 2048, LINES, REPLAY, 0.25",
    "64, 2048, NONE, STRICT, 0.25",
  })
  void aThrottledStreamIsUsedToItsQuota(
      int shards, int size, Packing packing, Ordering ordering, double stored) {
    FakeStream stream =
        new FakeStream(shards, new FakeStream.Settings(stored, 1 << 20, false), now);
    PublisherConfiguration configuration =
        PublisherConfiguration.defaults().withPacking(packing).withOrdering(ordering);
    SendQueue queue =
        new SendQueue(configuration, Pacing.DEFAULT, shards, 1 << 20, now, new SplittableRandom(1));
    BenchmarkLoad load = new BenchmarkLoad(size);
    StreamRecord change = load.next(0);
    ArrayDeque<Call> calls = new ArrayDeque<>();
    long recordsBefore = 0;
    long bytesBefore = 0;
    stream.observe(
        delivery -> {
          records++;
          bytes += delivery.data().length + delivery.partitionKey().length();
        });
    boolean measuring = false;
    while (now < WARM_UP_NANOS + MEASURED_NANOS) {
      if (!measuring && now >= WARM_UP_NANOS) {
        measuring = true;
        recordsBefore = records;
        bytesBefore = bytes;
      }
      while (queue.offer(change)) {
        change = load.next(0);
      }
      Request request = calls.size() < KinesisStream.CONNECTIONS ? queue.next(now, true) : null;
      if (request != null) {
        calls.add(new Call(now + CALL_NANOS, request, put(stream, request)));
        continue;
      }
      turnClock(queue, calls);
    }

    double seconds = MEASURED_NANOS / NANOS;
    double used =
        Math.max(
            (records - recordsBefore) / (1_000.0 * shards * seconds),
            (bytes - bytesBefore) / ((double) (1 << 20) * shards * seconds));
    assertThat(used).isGreaterThan(0.95);
    assertThat(stream.throttledEntries()).as("it is throttled").isPositive();
  }

  private @Nullable String[] put(FakeStream stream, Request request) {
    List<FakeStream.Put> puts = new ArrayList<>();
    for (Entry entry : request.entries()) {
      puts.add(new FakeStream.Put(entry.partitionKey, entry.hashKey, entry.bytes));
    }
    return stream.put(puts, Faults.NONE, now).stream()
        .map(FakeStream.Outcome::errorCode)
        .toArray(String[]::new);
  }

  /** To the next answer or the end of the next pause. */
  private void turnClock(SendQueue queue, ArrayDeque<Call> calls) {
    long ready = queue.nanosUntilReady(now);
    Call call = calls.peek();
    boolean canSend = calls.size() < KinesisStream.CONNECTIONS && ready < Long.MAX_VALUE;
    if (call == null || (canSend && now + ready < call.answeredAt())) {
      now += Math.max(1, ready);
      return;
    }
    now = call.answeredAt();
    calls.remove();
    queue.answered(call.request(), call.errors(), now);
  }
}

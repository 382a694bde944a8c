package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SendQueue} drains a backlog to a stream with quotas, in virtual time: the caller makes
 * changes at a constant speed, several calls are on their way, and each takes the same time.
 */
final class QuotaRun {

  private static final double NANOS = 1e9;
  private static final int CALL_MILLIS = 15;
  private static final int CHANGES_PER_SECOND = 400_000;
  private static final int CALLER_STEP = 64;

  private final Load load;
  private final FakeStream stream;
  private final SendQueue queue;
  private final BenchmarkLoad changes;
  private final SplittableRandom random = new SplittableRandom(7);
  private final PriorityQueue<Call> calls =
      new PriorityQueue<>((a, b) -> Long.compare(a.answeredAt(), b.answeredAt()));
  private long now;
  private long made;
  private long callerReadyAt;
  private @Nullable StreamRecord waiting;
  private long puts;
  private final Map<String, long[]> delivered = new HashMap<>();

  private record Call(long answeredAt, Request request, List<EntryResult> results) {}

  /** What else happens to the stream. */
  interface World {

    /** Nothing. */
    World QUIET = (stream, nowNanos) -> {};

    /** Called each time the clock has been turned. */
    void at(FakeStream stream, long nowNanos);

    /** All shards are split in two, or each pair is merged, at the third second. */
    static World resharding(boolean split) {
      boolean[] done = {false};
      return (stream, nowNanos) -> {
        if (done[0] || nowNanos < TimeUnit.SECONDS.toNanos(3)) {
          return;
        }
        done[0] = true;
        for (int shard = stream.openShardCount() - 1; shard >= 0; shard--) {
          if (split) {
            stream.split(shard, nowNanos);
          } else if (shard % 2 == 0) {
            stream.merge(shard, nowNanos);
          }
        }
      };
    }

    /** Others write to each shard from the second to the fifth second, a record of 1 KiB a time. */
    static World withOthers(int shards, int recordsPerTenMillis) {
      List<FakeStream.Put> puts = new ArrayList<>();
      for (int i = 0; i < shards * recordsPerTenMillis; i++) {
        BigInteger hashKey =
            BigInteger.valueOf(2L * (i % shards) + 1)
                .shiftLeft(127)
                .divide(BigInteger.valueOf(shards));
        puts.add(new FakeStream.Put("others", hashKey.toString(), new byte[1018]));
      }
      long[] last = {0};
      return (stream, nowNanos) -> {
        if (nowNanos > TimeUnit.SECONDS.toNanos(2)
            && nowNanos < TimeUnit.SECONDS.toNanos(5)
            && nowNanos - last[0] >= TimeUnit.MILLISECONDS.toNanos(10)) {
          last[0] = nowNanos;
          stream.put(puts, Faults.NONE, nowNanos);
        }
      };
    }
  }

  /**
   * What is drained, and where to.
   *
   * @param changeBytes the size of a change
   * @param storedSeconds how many seconds' quota an idle shard stores
   * @param changes how many changes the backlog has
   * @param hotShare the share of the changes that is of one key
   * @param lanes 0 for as many as shards
   * @param describes whether the publisher knows how many shards there are
   */
  record Load(
      int shards,
      int changeBytes,
      Packing packing,
      Ordering ordering,
      double storedSeconds,
      long changes,
      double hotShare,
      int lanes,
      boolean describes,
      World world) {

    /** A backlog that the quota makes last 8 seconds. */
    Load(int shards, int changeBytes, Packing packing, Ordering ordering, double storedSeconds) {
      this(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          8L
              * shards
              * Math.min(packing == Packing.NONE ? 1_000 : 1 << 20, (1 << 20) / changeBytes),
          0,
          0,
          true,
          World.QUIET);
    }

    Load withChanges(long count) {
      return new Load(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          count,
          hotShare,
          lanes,
          describes,
          world);
    }

    Load withHotShare(double share) {
      return new Load(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          changes,
          share,
          lanes,
          describes,
          world);
    }

    Load with(Ordering other) {
      return new Load(
          shards,
          changeBytes,
          packing,
          other,
          storedSeconds,
          changes,
          hotShare,
          lanes,
          describes,
          world);
    }

    Load withLanes(int count) {
      return new Load(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          changes,
          hotShare,
          count,
          describes,
          world);
    }

    Load undescribed() {
      return new Load(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          changes,
          hotShare,
          lanes,
          false,
          world);
    }

    Load with(World other) {
      return new Load(
          shards,
          changeBytes,
          packing,
          ordering,
          storedSeconds,
          changes,
          hotShare,
          lanes,
          describes,
          other);
    }
  }

  /**
   * How it went.
   *
   * @param seconds from the first call to the last acknowledgement
   * @param used the share of the binding quota of the shard with the most to take, net of what it
   *     had stored at the start
   * @param refused the share of the entries that was refused, those of other writers included
   * @param records Kinesis records acknowledged
   */
  record Result(double seconds, double used, double refused, long records, long calls) {}

  static Result of(Load load) {
    return new QuotaRun(load).run();
  }

  private QuotaRun(Load load) {
    this.load = load;
    this.changes = new BenchmarkLoad(load.changeBytes());
    this.stream =
        new FakeStream(
            load.shards(), new FakeStream.Settings(load.storedSeconds(), 1 << 20, false), now);
    stream.observe(
        delivery -> {
          long[] sums = delivered.computeIfAbsent(delivery.shardId(), id -> new long[2]);
          sums[0]++;
          sums[1] += delivery.data().length + delivery.partitionKey().length();
        });
    this.queue =
        new SendQueue(
            PublisherConfiguration.defaults()
                .withPacking(load.packing())
                .withOrdering(load.ordering())
                .withLanes(load.lanes()),
            Pacing.DEFAULT,
            load.describes() ? load.shards() : 0,
            1 << 20,
            now,
            new SplittableRandom(1));
  }

  private Result run() {
    while (made < load.changes() || !queue.isIdle()) {
      boolean blocked = makeChanges();
      Request request = next(blocked);
      if (request != null) {
        send(request);
      } else {
        turnClock(blocked);
      }
    }
    double seconds = now / NANOS;
    double needed = 0;
    long accepted = 0;
    for (long[] sums : delivered.values()) {
      accepted += sums[0];
      needed = Math.max(needed, Math.max(sums[0] / 1_000.0, sums[1] / (double) (1 << 20)));
    }
    return new Result(
        seconds,
        (needed - load.storedSeconds()) / seconds,
        stream.throttledEntries() / (double) (stream.throttledEntries() + accepted),
        queue.totals().records(),
        puts);
  }

  /** Makes what is due; returns whether the caller waits, for room or for the end. */
  private boolean makeChanges() {
    while (made < load.changes() && callerReadyAt <= now) {
      StreamRecord change = waiting == null ? change() : waiting;
      waiting = change;
      if (!queue.offer(change)) {
        return true;
      }
      waiting = null;
      made++;
      if (made % CALLER_STEP == 0) {
        callerReadyAt =
            Math.max(callerReadyAt, now) + (long) (CALLER_STEP * NANOS / CHANGES_PER_SECOND);
      }
    }
    return made == load.changes();
  }

  private StreamRecord change() {
    StreamRecord change = changes.next(made);
    return random.nextDouble() < load.hotShare()
        ? new StreamRecord("public.orders/hot", change.payload(), change.commitLsn(), 0)
        : change;
  }

  private @Nullable Request next(boolean blocked) {
    return calls.size() < SendQueue.MAX_REQUESTS ? queue.next(now, urgency(blocked)) : null;
  }

  /** As {@code Senders} has it. */
  private SendQueue.Urgency urgency(boolean blocked) {
    if (blocked) {
      return SendQueue.Urgency.ALL_CHANGES;
    }
    return calls.isEmpty() ? SendQueue.Urgency.FINISHED_RECORDS : SendQueue.Urgency.FULL_REQUEST;
  }

  private void send(Request request) {
    puts++;
    List<FakeStream.Put> entries = new ArrayList<>();
    for (Entry entry : request.entries()) {
      entries.add(new FakeStream.Put(entry.partitionKey, entry.hashKey, entry.data()));
    }
    long callNanos = TimeUnit.MILLISECONDS.toNanos(CALL_MILLIS);
    List<EntryResult> results =
        stream.put(entries, Faults.NONE, now + callNanos / 2).stream()
            .map(o -> new EntryResult(o.errorCode() == null ? o.shardId() : null, o.errorCode()))
            .toList();
    calls.add(new Call(now + callNanos, request, results));
  }

  /** To the next answer, the end of the next pause, or the caller's next change. */
  private void turnClock(boolean blocked) {
    long next = calls.isEmpty() ? Long.MAX_VALUE : calls.element().answeredAt();
    long ready = queue.nanosUntilReady(now, urgency(blocked));
    if (calls.size() < SendQueue.MAX_REQUESTS && ready < Long.MAX_VALUE) {
      next = Math.min(next, now + Math.max(1, ready));
    }
    if (!blocked && made < load.changes()) {
      next = Math.min(next, Math.max(now + 1, callerReadyAt));
    }
    now = next;
    load.world().at(stream, now);
    while (!calls.isEmpty() && calls.element().answeredAt() <= now) {
      Call call = calls.remove();
      queue.answered(call.request(), call.results(), now);
    }
  }
}

package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The records of some keys, in order. Part of at most one request at a time: what is taken must be
 * settled before more is. Pure: time and randomness are arguments.
 */
final class Lane {

  private final boolean strict;
  private final Pacing pacing;

  /** What may go next, in order; in strict order only the first record of each key. */
  private final ArrayDeque<Entry> queue = new ArrayDeque<>();

  /** Packers that hold changes, of this lane's groups. */
  private final ArrayDeque<Packer> open = new ArrayDeque<>();

  /** Strict order only: the last record of each key that has any. */
  private final Map<String, Entry> lastOfKey = new HashMap<>();

  /** How many records the next request takes: about as many as the shards lately accepted. */
  private int budget = Limits.REQUEST_RECORDS;

  private boolean inFlight;
  private long readyAtNanos;
  private int throttles;
  private int failures;

  Lane(Ordering ordering, Pacing pacing, long nowNanos) {
    this.strict = ordering == Ordering.STRICT;
    this.pacing = pacing;
    this.readyAtNanos = nowNanos;
  }

  void add(Entry entry) {
    if (strict) {
      Entry earlier = lastOfKey.put(entry.orderKey, entry);
      if (earlier != null) {
        earlier.nextOfKey = entry;
        return;
      }
    }
    queue.addLast(entry);
  }

  /** Adds a change to one of this lane's packers. */
  void add(Packer packer, StreamRecord change, long index, long held) {
    if (packer.isEmpty()) {
      open.addLast(packer);
    }
    Entry complete = packer.add(change, index, held);
    if (complete != null) {
      add(complete);
    }
  }

  /** How many records a request takes now, if the lane is ready. */
  int offered() {
    return Math.min(budget, queue.isEmpty() ? open.size() : queue.size());
  }

  boolean isInFlight() {
    return inFlight;
  }

  /** When the pause after a failure ends, on the clock whose readings {@link #settle} is given. */
  long readyAtNanos() {
    return readyAtNanos;
  }

  /**
   * Moves records to a request, and with them the lane.
   *
   * @return their bytes
   */
  int take(List<Entry> request, int roomRecords, int roomBytes) {
    if (queue.isEmpty()) {
      sealAll();
    }
    int records = Math.min(budget, roomRecords);
    int bytes = 0;
    for (int i = 0; i < records; i++) {
      Entry next = queue.peekFirst();
      // The first record of a request always fits: the stream takes it, whatever our own budget.
      if (next == null || (bytes + next.size > roomBytes && !(i == 0 && request.isEmpty()))) {
        break;
      }
      request.add(queue.removeFirst());
      bytes += next.size;
      inFlight = true;
    }
    return bytes;
  }

  private void sealAll() {
    for (Packer packer : open) {
      add(packer.seal());
    }
    open.clear();
  }

  /**
   * Learns what became of the records it put into a request: accepted ones are done, the others
   * wait again in their old order.
   *
   * @param failed for each of them, whether it failed
   * @param done receives those that are acknowledged in order
   */
  void settle(
      List<Entry> sent, boolean[] failed, long nowNanos, RandomGenerator random, List<Entry> done) {
    inFlight = false;
    failures = 0;
    int accepted = 0;
    List<Entry> again = new ArrayList<>();
    Set<String> disturbed = new HashSet<>();
    for (int i = 0; i < failed.length; i++) {
      Entry entry = sent.get(i);
      if (failed[i]) {
        disturbed.add(entry.orderKey);
        again.add(entry);
        continue;
      }
      accepted++;
      if (!disturbed.isEmpty() && disturbed.contains(entry.orderKey)) {
        again.add(entry);
      } else {
        done.add(entry);
        release(entry);
      }
    }
    putBack(again);
    adapt(accepted, failed.length, nowNanos, random);
  }

  /** Learns that a call failed as a whole: its records wait again, and the lane pauses. */
  int failed(List<Entry> sent, Failure failure, long nowNanos, RandomGenerator random) {
    inFlight = false;
    putBack(sent);
    if (failure.throttled()) {
      pause(pacing.call().pauseNanos(++throttles, random), nowNanos);
      return 0;
    }
    pause(pacing.call().pauseNanos(++failures, random), nowNanos);
    return failures;
  }

  private void adapt(int accepted, int sent, long nowNanos, RandomGenerator random) {
    if (accepted == sent) {
      throttles = 0;
      budget = Math.min(Limits.REQUEST_RECORDS, budget + budget / 2 + 1);
      return;
    }
    throttles = accepted > 0 ? 1 : throttles + 1;
    // A little more than was accepted, so that the quota is always met and seldom much exceeded.
    budget = Math.min(budget, accepted + accepted / 4 + 1);
    long ready = nowNanos + pacing.throttled().pauseNanos(throttles, random);
    // Lanes that come back at the same moment share a request.
    long tick = TimeUnit.MILLISECONDS.toNanos(pacing.tickMillis());
    readyAtNanos = Math.floorDiv(ready + tick - 1, tick) * tick;
  }

  private void pause(long nanos, long nowNanos) {
    readyAtNanos = nowNanos + nanos;
  }

  private void putBack(List<Entry> entries) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      queue.addFirst(entries.get(i));
    }
  }

  private void release(Entry entry) {
    if (!strict) {
      return;
    }
    Entry next = entry.nextOfKey;
    if (next == null) {
      lastOfKey.remove(entry.orderKey);
    } else {
      entry.nextOfKey = null;
      queue.addLast(next);
    }
  }

  /** Whether the lane can go into a request now. */
  boolean isReady(long nowNanos) {
    return !inFlight && readyAtNanos - nowNanos <= 0;
  }
}

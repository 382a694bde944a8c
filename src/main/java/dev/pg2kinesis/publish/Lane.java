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
 * The records of some keys, in order. A lane is in at most one request at a time; settle it before
 * taking again. Pure: time and randomness are arguments.
 */
final class Lane {

  private final boolean strict;
  private final Pacing pacing;

  /** The records that may go next, in order. Strict order: only the first record of each key. */
  private final ArrayDeque<Entry> queue = new ArrayDeque<>();

  /** Packers that hold changes, of this lane's groups. */
  private final ArrayDeque<Packer> open = new ArrayDeque<>();

  /** Strict order only: the last record of each key that has any. */
  private final Map<String, Entry> lastOfKey = new HashMap<>();

  /** How many records the next request takes: about as many as the shards lately accepted. */
  private int budget = KinesisQuota.REQUEST_RECORDS;

  private boolean inFlight;
  private long readyAtNanos;
  private int throttles;
  private int failures;

  Lane(Ordering ordering, Pacing pacing, long nowNanos) {
    this.strict = ordering == Ordering.STRICT;
    this.pacing = pacing;
    this.readyAtNanos = nowNanos;
  }

  private void enqueue(Entry entry) {
    if (strict) {
      Entry earlier = lastOfKey.put(entry.partitionKey, entry);
      if (earlier != null) {
        earlier.nextOfKey = entry;
        return;
      }
    }
    queue.addLast(entry);
  }

  /**
   * Takes a change.
   *
   * @param packer the packer of its key group
   * @param index its place among all changes
   * @param pendingBytes the memory that its acknowledgement frees
   */
  void add(Packer packer, StreamRecord change, long index, long pendingBytes) {
    boolean wasEmpty = packer.isEmpty();
    Entry finished = packer.add(change, index, pendingBytes);
    if (finished != null) {
      enqueue(finished);
    }
    if (wasEmpty && !packer.isEmpty()) {
      open.addLast(packer);
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
      // The first record of a request always fits: the stream takes it, even if it is larger than
      // what a request is filled to.
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
      enqueue(packer.seal());
    }
    open.clear();
  }

  /**
   * Books the answer to a request. A record that failed waits again, as does every later record of
   * its key; the others are done.
   *
   * @param sent the lane's records in the request
   * @param failed for each of them, whether it failed
   * @param done receives the records that are done
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
        disturbed.add(entry.partitionKey);
        again.add(entry);
        continue;
      }
      accepted++;
      if (!disturbed.isEmpty() && disturbed.contains(entry.partitionKey)) {
        again.add(entry);
      } else {
        done.add(entry);
        release(entry);
      }
    }
    putBack(again);
    adapt(accepted, failed.length, nowNanos, random);
  }

  /**
   * Books that a call failed as a whole: its records wait again, and the lane pauses.
   *
   * @return how many calls in a row failed for another reason than throttling
   */
  int callFailed(List<Entry> sent, Failure failure, long nowNanos, RandomGenerator random) {
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
      budget = Math.min(KinesisQuota.REQUEST_RECORDS, budget + budget / 2 + 1);
      return;
    }
    throttles = accepted > 0 ? 1 : throttles + 1;
    // A little more than was accepted: the quota is always met and seldom exceeded by much.
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
      lastOfKey.remove(entry.partitionKey);
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

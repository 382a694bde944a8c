package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The records of some keys, in order. A lane is in at most one request at a time; settle it before
 * taking again. Pure: time and randomness are arguments.
 */
final class Lane {

  private final boolean strict;
  private final Pacing pacing;

  /** The records that may go next, in order. Strict order: only the first record of each key. */
  private final ArrayDeque<Entry> queue = new ArrayDeque<>();

  /**
   * Packers that hold changes, in the order of the first of these; each with the bytes that the
   * queue had taken before it.
   */
  private final LinkedHashMap<Packer, Long> open = new LinkedHashMap<>();

  /** Strict order only: the last record of each key that has any. */
  private final Map<String, Entry> lastOfKey = new HashMap<>();

  private final ShardMap shards;

  private boolean inFlight;
  private long readyAtNanos;

  /** Requests in a row of which no record of this lane was accepted. */
  private int refusals;

  /** Whole calls in a row that were throttled. */
  private int throttledCalls;

  /** Whole calls in a row that failed otherwise. */
  private int failures;

  Lane(Ordering ordering, Pacing pacing, ShardMap shards, long nowNanos) {
    this.strict = ordering == Ordering.STRICT;
    this.pacing = pacing;
    this.shards = shards;
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
   * @param takenBytes the bytes that the queue has taken before it
   */
  void add(Packer packer, StreamRecord change, long index, long pendingBytes, long takenBytes) {
    boolean wasEmpty = packer.isEmpty();
    Entry finished = packer.add(change, index, pendingBytes);
    if (finished != null) {
      enqueue(finished);
      open.remove(packer);
    }
    if ((wasEmpty || finished != null) && !packer.isEmpty()) {
      open.put(packer, takenBytes);
    }
  }

  /**
   * How many records could go into a request.
   *
   * @param seals whether packed records that are not full may go
   */
  int offered(boolean seals, long nowNanos) {
    int waiting = waiting(seals);
    if (waiting == 0) {
      return 0;
    }
    return Math.min(waiting, nextShard(nowNanos).affordable(nextSize()));
  }

  private int waiting(boolean seals) {
    return queue.size() + (seals ? open.size() : 0);
  }

  /** The size of the record that goes next; a guess if it is not finished. */
  private int nextSize() {
    Entry next = queue.peekFirst();
    return next == null ? SendQueue.PACKED_BYTES : next.size;
  }

  /** The shard of the record that goes next, with its quota as of now. */
  private ShardPace nextShard(long nowNanos) {
    Entry next = queue.peekFirst();
    ShardPace shard = shards.of(next == null ? oldest().group() : next.group);
    shard.refill(nowNanos);
    return shard;
  }

  /** Nanoseconds until a record can go, or {@link Long#MAX_VALUE} if none waits. */
  long nanosUntilReady(boolean seals, long nowNanos) {
    if (inFlight || waiting(seals) == 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(
        Math.max(0, readyAtNanos - nowNanos),
        nextShard(nowNanos).nanosUntilAffordable(nextSize(), nowNanos));
  }

  /** Finishes the packed records whose first change came before the queue had taken some bytes. */
  void sealBefore(long takenBytes) {
    while (!open.isEmpty() && open.values().iterator().next() < takenBytes) {
      sealOldest();
    }
  }

  private Packer oldest() {
    return open.keySet().iterator().next();
  }

  private void sealOldest() {
    Packer packer = oldest();
    open.remove(packer);
    enqueue(packer.seal());
  }

  /**
   * Moves records to a request, and with them the lane, as far as the quota of their shards goes.
   *
   * @param seals whether packed records that are not full may go
   * @return the bytes of the records
   */
  int take(List<Entry> request, int roomRecords, int roomBytes, boolean seals, long nowNanos) {
    int bytes = 0;
    for (int i = 0; i < roomRecords; i++) {
      Entry next = next(seals);
      if (next == null) {
        break;
      }
      ShardPace shard = nextShard(nowNanos);
      // The first record of a request always fits: the stream takes it, even if it is larger than
      // what a request is filled to.
      if (shard.affordable(next.size) == 0
          || (bytes + next.size > roomBytes && !(i == 0 && request.isEmpty()))) {
        break;
      }
      request.add(queue.removeFirst());
      next.goesTo(shard);
      bytes += next.size;
      inFlight = true;
    }
    return bytes;
  }

  private @Nullable Entry next(boolean seals) {
    while (seals && queue.isEmpty() && !open.isEmpty()) {
      sealOldest();
    }
    return queue.peekFirst();
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
    throttledCalls = 0;
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
    refusals = accepted > 0 ? 0 : refusals + 1;
    if (refusals > 1) {
      pause(pacing.refused().pauseNanos(refusals - 1, random), nowNanos);
    }
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
      pause(pacing.call().pauseNanos(++throttledCalls, random), nowNanos);
      return 0;
    }
    pause(pacing.call().pauseNanos(++failures, random), nowNanos);
    return failures;
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

package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The changes that wait to be sent or acknowledged, in lanes. A key group belongs to one lane. A
 * lane's groups are neighbours in the hash-key range, so that most lanes meet one shard. Several
 * lanes share a request, which keeps requests few. A lane is in one request at a time, which keeps
 * its keys in order. Pure, and for one thread at a time.
 */
public final class SendQueue {

  /**
   * The bytes a packed record is filled to: two of the 25 KB units that a provisioned stream's
   * price counts ("Amazon Kinesis Data Streams pricing", PUT payload units).
   */
  static final int PACKED_BYTES = 50_000;

  /**
   * The most requests on their way at once. With 500 records and a tenth of a second each, they are
   * enough for 80 shards.
   */
  public static final int MAX_REQUESTS = 16;

  private final KeyGroup groups;
  private final Packer[] packers = new Packer[KeyGroup.COUNT];
  private final PackBuffers buffers;
  private final int memoryOverhead;
  private final long maxPendingBytes;
  private final ShardMap shards;
  private final List<Lane> lanes = new ArrayList<>();
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final RandomGenerator random;
  private int cursor;
  private long taken;
  private long takenBytes;
  private long pendingBytes;
  private int inFlight;
  private long records;
  private long bytes;
  private long retriedRecords;

  /**
   * @param openShards the shards of the stream that take records, 0 if that is not known
   * @param streamRecordBytes the largest record that the stream takes
   */
  public SendQueue(
      PublisherConfiguration configuration,
      Pacing pacing,
      int openShards,
      int streamRecordBytes,
      long nowNanos,
      RandomGenerator random) {
    this.random = random;
    // Several streams share the memory, and with it these.
    this.groups = new KeyGroup(configuration.maxPendingBytes() / 16);
    this.buffers =
        new PackBuffers(
            Math.min(PACKED_BYTES, streamRecordBytes), configuration.maxPendingBytes() / 3);
    this.memoryOverhead = configuration.packing().memoryOverhead();
    this.maxPendingBytes = configuration.maxPendingBytes();
    int laneCount = configuration.lanesTo(openShards);
    this.shards = new ShardMap(pacing, openShards == 0 ? laneCount : openShards);
    for (int i = 0; i < laneCount; i++) {
      lanes.add(new Lane(configuration.ordering(), pacing, shards, nowNanos));
    }
    for (int group = 0; group < packers.length; group++) {
      packers[group] = configuration.packing().packer(group, buffers);
    }
  }

  /**
   * Takes a change, unless as much waits as may. One change is always taken, however large.
   *
   * @return whether it was taken
   */
  public boolean offer(StreamRecord change) {
    long more = (long) change.size() + memoryOverhead;
    if (pendingBytes > 0 && pendingBytes + more > maxPendingBytes) {
      return false;
    }
    pendingBytes += more;
    int group = groups.of(change.partitionKey());
    laneOf(group).add(packers[group], change, taken++, more, takenBytes);
    takenBytes += more;
    return true;
  }

  private Lane laneOf(int group) {
    return lanes.get(group * lanes.size() / KeyGroup.COUNT);
  }

  /** What may go into a request now. */
  public enum Urgency {
    /** Only a full request may go. */
    FULL_REQUEST,
    /** Records may go as soon as they are finished. */
    FINISHED_RECORDS,
    /** Packed records may go before they are full. */
    ALL_CHANGES
  }

  /** The next request, or null if there is none to send now. */
  public @Nullable Request next(long nowNanos, Urgency urgency) {
    for (Lane lane : lanes) {
      // A change of a rare key must not keep its packed record, and with it the count of what is
      // acknowledged, waiting for as long as other keys are busy.
      lane.sealBefore(takenBytes - maxPendingBytes / 2);
    }
    if (urgency == Urgency.FULL_REQUEST && !hasFullRequest(nowNanos)) {
      return null;
    }
    boolean seals = urgency == Urgency.ALL_CHANGES;
    Request request = new Request();
    int begin = cursor;
    int passedOver = -1;
    for (int i = 0; i < lanes.size() && !request.isFull(); i++) {
      int index = (begin + i) % lanes.size();
      Lane lane = lanes.get(index);
      if (lane.isReady(nowNanos) && lane.offered(seals, nowNanos) > 0) {
        if (request.take(lane, seals, nowNanos)) {
          cursor = index + 1;
        } else if (passedOver < 0) {
          passedOver = index;
        }
      }
    }
    // Round robin; a lane skipped for lack of room goes first next time.
    cursor = (passedOver < 0 ? cursor : passedOver) % lanes.size();
    if (request.entries().isEmpty()) {
      return null;
    }
    inFlight++;
    retriedRecords += request.repeated();
    return request;
  }

  private boolean hasFullRequest(long nowNanos) {
    int records = 0;
    for (Lane lane : lanes) {
      records += lane.isReady(nowNanos) ? lane.offered(false, nowNanos) : 0;
    }
    return records >= KinesisQuota.REQUEST_RECORDS;
  }

  /** Nanoseconds until there is a request to send, or {@link Long#MAX_VALUE}. */
  public long nanosUntilReady(long nowNanos, Urgency urgency) {
    if (urgency == Urgency.FULL_REQUEST) {
      return hasFullRequest(nowNanos) ? 0 : Long.MAX_VALUE;
    }
    long nanos = Long.MAX_VALUE;
    for (Lane lane : lanes) {
      nanos = Math.min(nanos, lane.nanosUntilReady(urgency == Urgency.ALL_CHANGES, nowNanos));
    }
    return nanos;
  }

  /**
   * Books the answer to a request.
   *
   * @param results what became of each entry
   * @return what stops publishing, or null
   */
  public @Nullable Failure answered(Request request, List<EntryResult> results, long nowNanos) {
    inFlight--;
    bookShards(request.entries(), results, nowNanos);
    Failure stop = null;
    List<Entry> done = new ArrayList<>(results.size());
    for (Request.Part part : request.parts()) {
      boolean[] failed = new boolean[part.to() - part.from()];
      for (int i = 0; i < failed.length; i++) {
        String code = results.get(part.from() + i).errorCode();
        failed[i] = code != null;
        if (code != null && stop == null) {
          Failure failure = ErrorCodes.ofRecord(code);
          stop = failure.throttled() ? null : failure;
        }
      }
      part.lane()
          .settle(
              request.entries().subList(part.from(), part.to()), failed, nowNanos, random, done);
    }
    acknowledge(done);
    return stop;
  }

  private void bookShards(List<Entry> entries, List<EntryResult> results, long nowNanos) {
    Set<ShardPace> answering = new HashSet<>();
    for (int i = 0; i < results.size(); i++) {
      Entry entry = entries.get(i);
      EntryResult result = results.get(i);
      entry.returned();
      ShardPace shard = shards.learn(entry.group, result.shardId(), nowNanos);
      if (result.errorCode() == null) {
        shard.accepted(entry.size);
      } else {
        shard.refused();
      }
      answering.add(shard);
    }
    for (ShardPace shard : answering) {
      shard.answered(nowNanos);
    }
  }

  /**
   * Books that a request failed as a whole.
   *
   * @return what stops publishing, or null
   */
  public @Nullable Failure callFailed(Request request, Failure failure, long nowNanos) {
    inFlight--;
    request.entries().forEach(Entry::returned);
    int attempts = 0;
    for (Request.Part part : request.parts()) {
      attempts =
          Math.max(
              attempts,
              part.lane()
                  .callFailed(
                      request.entries().subList(part.from(), part.to()),
                      failure,
                      nowNanos,
                      random));
    }
    return attempts >= failure.attempts() ? failure : null;
  }

  private void acknowledge(List<Entry> done) {
    for (Entry entry : done) {
      entry.acknowledge(acknowledgements);
      pendingBytes -= entry.pendingBytes;
      bytes += entry.size;
      if (entry.hashKey != null) {
        buffers.giveBack(entry.bytes); // a packed record's own, of which the call has ended
      }
    }
    records += done.size();
  }

  /** How many changes, counted from the first, are acknowledged with no gap. */
  public long acknowledged() {
    return acknowledgements.prefix();
  }

  /** Whether all that was taken is acknowledged. */
  public boolean isIdle() {
    return acknowledged() == taken;
  }

  /** How many requests wait for their answers. */
  public int inFlight() {
    return inFlight;
  }

  public Publisher.Totals totals() {
    return new Publisher.Totals(records, bytes, retriedRecords);
  }
}

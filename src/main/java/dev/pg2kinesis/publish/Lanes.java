package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All that waits to be sent or acknowledged. A key group belongs to one lane, and lanes are
 * neighbours in the hash-key range, so that a lane mostly meets one shard. Several lanes share a
 * request, which keeps requests few; a lane is in one at a time, which keeps its keys in order.
 * Pure and for one thread at a time.
 */
public final class Lanes {

  /**
   * The bytes a packed record is filled to: two of the 25 KB units that a provisioned stream's
   * price counts ("Amazon Kinesis Data Streams pricing", PUT payload units).
   */
  static final int PACKED_BYTES = 50_000;

  private static final int LINES_OVERHEAD = 16;
  private static final int KPL_OVERHEAD = 128;

  private final KeyGroup groups = new KeyGroup();
  private final List<Packer> packers;
  private final List<Lane> lanes = new ArrayList<>();
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private final RandomGenerator random;
  private int cursor;
  private long taken;
  private long held;
  private int inFlight;
  private long records;
  private long bytes;
  private long retriedRecords;

  /**
   * @param laneCount over how many lanes the keys are spread
   * @param streamRecordBytes the largest record that the stream takes
   */
  public Lanes(
      PublisherConfiguration configuration,
      Pacing pacing,
      int laneCount,
      int streamRecordBytes,
      long nowNanos,
      RandomGenerator random) {
    this.random = random;
    for (int i = 0; i < laneCount; i++) {
      lanes.add(new Lane(configuration.ordering(), pacing, nowNanos));
    }
    this.packers = packers(configuration.packing(), Math.min(PACKED_BYTES, streamRecordBytes));
  }

  private static List<Packer> packers(Packing packing, int targetBytes) {
    List<Packer> packers = new ArrayList<>();
    for (int group = 0; packing != Packing.NONE && group < KeyGroup.COUNT; group++) {
      packers.add(
          packing == Packing.LINES
              ? new LinePacker(group, targetBytes)
              : new KplPacker(group, targetBytes));
    }
    return packers;
  }

  /** The bytes that packing adds to a change that is alone in its record, at most. */
  public static int packingOverhead(Packing packing) {
    return switch (packing) {
      case NONE -> 0;
      case LINES -> LINES_OVERHEAD;
      case KPL -> KPL_OVERHEAD;
    };
  }

  /**
   * Takes a change.
   *
   * @param size its payload's and its partition key's bytes
   * @param changeHeld the memory it holds until it is acknowledged
   */
  public void add(StreamRecord change, int size, long changeHeld) {
    int group = groups.of(change.partitionKey());
    long index = taken++;
    held += changeHeld;
    if (packers.isEmpty()) {
      laneOf(group)
          .add(Entry.single(change.partitionKey(), change.payload(), size, changeHeld, index));
      return;
    }
    laneOf(group).add(packers.get(group), change, index, changeHeld);
  }

  private Lane laneOf(int group) {
    return lanes.get(group * lanes.size() / KeyGroup.COUNT);
  }

  /**
   * The next request, or null if there is none to send now.
   *
   * @param eager whether to send what there is; otherwise only a full request is
   */
  public @Nullable Request next(long nowNanos, boolean eager) {
    if (!eager && ready(nowNanos) < Limits.REQUEST_RECORDS) {
      return null;
    }
    Request request = new Request();
    int begin = cursor;
    int passedOver = -1;
    for (int i = 0; i < lanes.size() && !request.isFull(); i++) {
      int index = (begin + i) % lanes.size();
      Lane lane = lanes.get(index);
      if (lane.isReady(nowNanos) && lane.offered() > 0) {
        if (request.take(lane)) {
          cursor = index + 1;
        } else if (passedOver < 0) {
          passedOver = index;
        }
      }
    }
    // All lanes get their turn, and one whose next record was too large for the rest goes first.
    cursor = (passedOver < 0 ? cursor : passedOver) % lanes.size();
    if (request.entries().isEmpty()) {
      return null;
    }
    inFlight++;
    retriedRecords += request.repeated();
    return request;
  }

  /** How many records could go into a request now. */
  public int ready(long nowNanos) {
    int ready = 0;
    for (Lane lane : lanes) {
      ready += lane.isReady(nowNanos) ? lane.offered() : 0;
    }
    return ready;
  }

  /** Nanoseconds until a paused lane with records is ready, or {@link Long#MAX_VALUE}. */
  public long nanosUntilReady(long nowNanos) {
    long nanos = Long.MAX_VALUE;
    for (Lane lane : lanes) {
      if (!lane.isInFlight() && lane.offered() > 0) {
        nanos = Math.min(nanos, Math.max(0, lane.readyAtNanos() - nowNanos));
      }
    }
    return nanos;
  }

  /**
   * Learns the answer to a request.
   *
   * @param errorCodes for each entry its error code, or null if it was accepted
   * @return what stops publishing, or null
   */
  public @Nullable Failure answered(Request request, @Nullable String[] errorCodes, long nowNanos) {
    inFlight--;
    Failure stop = null;
    List<Entry> done = new ArrayList<>(errorCodes.length);
    for (Request.Part part : request.parts()) {
      boolean[] failed = new boolean[part.to() - part.from()];
      for (int i = 0; i < failed.length; i++) {
        String code = errorCodes[part.from() + i];
        failed[i] = code != null;
        if (code != null && stop == null) {
          Failure failure = Failures.ofRecord(code);
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

  /**
   * Learns that a request failed as a whole.
   *
   * @return what stops publishing, or null
   */
  public @Nullable Failure failed(Request request, Failure failure, long nowNanos) {
    inFlight--;
    int attempts = 0;
    for (Request.Part part : request.parts()) {
      attempts =
          Math.max(
              attempts,
              part.lane()
                  .failed(
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
      held -= entry.held;
      bytes += entry.size;
    }
    records += done.size();
  }

  /** How many changes, from the first taken on, are acknowledged with none missing. */
  public long acknowledged() {
    return acknowledgements.prefix();
  }

  /** Whether all that was taken is acknowledged. */
  public boolean isIdle() {
    return acknowledged() == taken;
  }

  /** The memory that unacknowledged changes hold. */
  public long held() {
    return held;
  }

  public int inFlight() {
    return inFlight;
  }

  public Publisher.Totals totals() {
    return new Publisher.Totals(records, bytes, retriedRecords);
  }
}

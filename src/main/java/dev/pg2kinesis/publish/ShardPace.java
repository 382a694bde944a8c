package dev.pg2kinesis.publish;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much may go to a shard now, so that it accepts nearly all of it and is never idle. A model of
 * the shard's quota: two token buckets, one of records and one of bytes, which sending empties and
 * time refills. Pure.
 *
 * <p>Until the first refusal there is no rate, only a limit of what is on its way, which grows with
 * each answer: a stream that refuses nothing is not slowed down, and the first refusal is a small
 * one. A refusal shows that the shard's bucket is empty, so the model's is empty from then on. What
 * the shard accepted between two refusals is what it was refilled with in that time, which is its
 * real rate: less than the documented one if others write to it too. While nothing is refused, the
 * rate grows, at first slowly and then faster.
 *
 * <p>The constants are what {@code SaturationTest} (virtual time) and {@code scripts/bench quota}
 * (real time) showed to use at least 95 % of the quota with at most 5 % of the records refused.
 */
final class ShardPace {

  /** The most unused quota that the model stores, in seconds. */
  private static final double STORED_SECONDS = 1;

  /** The most that is on its way at first, as seconds of the quota, and by how much that grows. */
  private static final double FIRST_SECONDS = 0.125;

  private static final double NEXT_SECONDS = FIRST_SECONDS / 2;

  /** A shard is busy while less than this much quota is unused, in seconds. */
  private static final double BUSY_SECONDS = 0.25;

  /** The shortest time from refusal to refusal that shows a rate, in seconds. */
  private static final double MEASURED_SECONDS = 1;

  /** How much the rate grows in the first second after a refusal; it is twice that in the next. */
  private static final double GROWTH_PER_SECOND = 0.02;

  /** The most that the rate grows in a second: it may double. */
  private static final double MAX_GROWTH_PER_SECOND = 1;

  /** However much is refused, this share of the documented rate is tried. */
  private static final double MIN_RATE = 0.1;

  /** A shard that refuses and has accepted nothing for this long may be closed. */
  private static final long CLOSED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Pacing.ShardQuota quota;
  private final long tickNanos;
  private @Nullable String shardId;

  private boolean limited;

  /** Until the first refusal: the most that may be on its way, in seconds of the quota. */
  private double windowSeconds = FIRST_SECONDS;

  private int recordsOnTheirWay;
  private long bytesOnTheirWay;

  /** From the first refusal on: the shard's rate as a multiple of its quota. */
  private double rate = 1;

  /** What the shard has room for now, by its rate: records and bytes, both 0 after a refusal. */
  private double records;

  private double bytes;

  /** When that was computed. */
  private long filledAtNanos;

  /** The last refusal, and until when the rate has grown since. */
  private long refusedAtNanos;

  private long grownAtNanos;

  /** The refusal that the rate is measured from, what was accepted since, and if it was busy. */
  private long measuredFromNanos;

  private double acceptedSeconds;
  private boolean busy;

  /** When the shard last accepted a record. */
  private long acceptedAtNanos;

  /** Of the answer that is being booked: what was accepted, and if a record was refused. */
  private int acceptedRecords;

  private long acceptedBytes;
  private boolean refused;

  ShardPace(Pacing pacing) {
    this.quota = pacing.shard();
    this.tickNanos = TimeUnit.MILLISECONDS.toNanos(pacing.tickMillis());
  }

  /** The shard's id, or null as long as no answer has named it. */
  @Nullable String shardId() {
    return shardId;
  }

  void name(String id) {
    shardId = id;
  }

  /** Fills the buckets up to the last tick, so that the lanes of many shards share requests. */
  void refill(long nowNanos) {
    long tick = Math.floorDiv(nowNanos, tickNanos) * tickNanos;
    if (!limited || tick - filledAtNanos <= 0) {
      return;
    }
    double quotaSeconds = (tick - filledAtNanos) / NANOS * rate;
    filledAtNanos = tick;
    records = Math.min(storedRecords(), records + quotaSeconds * quota.recordsPerSecond());
    bytes = Math.min(storedBytes(), bytes + quotaSeconds * quota.bytesPerSecond());
    busy &=
        records < BUSY_SECONDS * rate * quota.recordsPerSecond()
            || bytes < BUSY_SECONDS * rate * quota.bytesPerSecond();
  }

  private double storedRecords() {
    return Math.max(1, STORED_SECONDS * rate * quota.recordsPerSecond());
  }

  private double storedBytes() {
    return STORED_SECONDS * rate * quota.bytesPerSecond();
  }

  /**
   * How many records of a size may go now. A record that is larger than the bucket may go when the
   * bucket is full.
   */
  int affordable(int size) {
    if (limited) {
      return records < 1 || bytes < Math.min(size, storedBytes())
          ? 0
          : (int) Math.min(records, Math.max(1, bytes / size));
    }
    if (recordsOnTheirWay == 0) {
      return (int) Math.max(1, Math.min(windowRecords(), windowBytes() / size));
    }
    double room =
        Math.min(windowRecords() - recordsOnTheirWay, (windowBytes() - bytesOnTheirWay) / size);
    return (int) Math.max(0, room);
  }

  private double windowRecords() {
    return windowSeconds * quota.recordsPerSecond();
  }

  private double windowBytes() {
    return windowSeconds * quota.bytesPerSecond();
  }

  /** Nanoseconds until a record of a size may go; {@link Long#MAX_VALUE} before the next answer. */
  long nanosUntilAffordable(int size, long nowNanos) {
    if (affordable(size) > 0) {
      return 0;
    }
    if (!limited) {
      return Long.MAX_VALUE;
    }
    double forRecords = (1 - records) / (rate * quota.recordsPerSecond());
    double forBytes = (Math.min(size, storedBytes()) - bytes) / (rate * quota.bytesPerSecond());
    long filled = filledAtNanos + (long) Math.ceil(Math.max(forRecords, forBytes) * NANOS);
    return Math.max(1, Math.floorDiv(filled + tickNanos - 1, tickNanos) * tickNanos - nowNanos);
  }

  /** A record goes. */
  void sent(int size) {
    recordsOnTheirWay++;
    bytesOnTheirWay += size;
    records--;
    // A record can be larger than the bucket. What it lacks is waited for, but not for minutes.
    bytes = Math.max(bytes - size, -storedBytes());
  }

  /** A record has come back, whatever became of it. */
  void returned(int size) {
    recordsOnTheirWay--;
    bytesOnTheirWay -= size;
  }

  /** A record of the answer that is being booked was accepted. */
  void accepted(int size) {
    acceptedRecords++;
    acceptedBytes += size;
  }

  /** A record of the answer that is being booked was refused. */
  void refused() {
    refused = true;
  }

  /** Whether the shard has accepted nothing for a while, as one that a resharding has closed. */
  boolean seemsClosed(long nowNanos) {
    return nowNanos - acceptedAtNanos > CLOSED_NANOS;
  }

  /** Ends the booking of an answer. */
  void answered(long nowNanos) {
    if (acceptedRecords > 0) {
      acceptedAtNanos = nowNanos;
    }
    acceptedSeconds +=
        Math.max(
            acceptedRecords / quota.recordsPerSecond(), acceptedBytes / quota.bytesPerSecond());
    if (refused) {
      slowDown(nowNanos);
    } else if (limited) {
      speedUp(nowNanos);
    } else if (acceptedRecords > 0) {
      windowSeconds += NEXT_SECONDS;
    }
    acceptedRecords = 0;
    acceptedBytes = 0;
    refused = false;
  }

  private void slowDown(long nowNanos) {
    double measuredSeconds = (nowNanos - measuredFromNanos) / NANOS;
    boolean measured = limited && measuredSeconds >= MEASURED_SECONDS;
    if (measured && busy) {
      rate = Math.max(MIN_RATE, acceptedSeconds / measuredSeconds);
    }
    if (!limited || measured || !busy) {
      measuredFromNanos = nowNanos;
      acceptedSeconds = 0;
      busy = true;
    }
    limited = true;
    refusedAtNanos = nowNanos;
    grownAtNanos = nowNanos;
    filledAtNanos = nowNanos;
    records = 0;
    bytes = 0;
  }

  private void speedUp(long nowNanos) {
    if (busy) {
      double growth = GROWTH_PER_SECOND * Math.pow(2, (nowNanos - refusedAtNanos) / NANOS);
      rate *= 1 + Math.min(MAX_GROWTH_PER_SECOND, growth) * (nowNanos - grownAtNanos) / NANOS;
    }
    grownAtNanos = nowNanos;
  }
}

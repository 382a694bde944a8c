package dev.pg2kinesis.kinesis;

/**
 * What a shard takes: 1,000 records and 1 MiB a second ("Quotas and limits"), as two token buckets.
 * How much unused quota the service stores is not documented; tests try more than one answer.
 */
final class ShardQuota {

  private static final double NANOS = 1e9;
  private static final double BYTES_PER_SECOND = 1 << 20;
  private static final double RECORDS_PER_SECOND = 1000;

  private final double storedBytes;
  private final double storedRecords;
  private double bytes;
  private double records;
  private long filledAtNanos;

  /**
   * @param storedSeconds how many seconds' quota an idle shard stores
   */
  ShardQuota(double storedSeconds, long nowNanos) {
    this.storedBytes = BYTES_PER_SECOND * storedSeconds;
    this.storedRecords = RECORDS_PER_SECOND * storedSeconds;
    this.bytes = storedBytes;
    this.records = storedRecords;
    this.filledAtNanos = nowNanos;
  }

  /** Takes a record's tokens if they are there. A record larger than the bucket needs it full. */
  boolean take(int size, long nowNanos) {
    double seconds = Math.max(0, nowNanos - filledAtNanos) / NANOS;
    filledAtNanos = Math.max(nowNanos, filledAtNanos);
    bytes = Math.min(storedBytes, bytes + seconds * BYTES_PER_SECOND);
    records = Math.min(storedRecords, records + seconds * RECORDS_PER_SECOND);
    if (records < 1 || bytes < Math.min(size, storedBytes)) {
      return false;
    }
    records -= 1;
    bytes -= size;
    return true;
  }
}

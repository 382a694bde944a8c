package dev.pg2kinesis.publish;

/**
 * The pace of a publisher.
 *
 * @param refused the pause after several requests in a row of which a lane had no record accepted
 * @param call the pause after a whole call failed
 * @param tickMillis lanes that wait for quota resume at multiples of this, in milliseconds, so that
 *     they share requests
 * @param shard what a shard accepts
 */
public record Pacing(RetryPolicy refused, RetryPolicy call, long tickMillis, ShardQuota shard) {

  /**
   * The documented quotas, and a lane's share of them every fiftieth of a second. The first pause,
   * 50 ms, is a shard's time for 50 records.
   */
  public static final Pacing DEFAULT =
      new Pacing(
          new RetryPolicy(50, 1_000),
          new RetryPolicy(100, 5_000),
          20,
          new ShardQuota(
              KinesisQuota.SHARD_RECORDS_PER_SECOND, KinesisQuota.SHARD_BYTES_PER_SECOND));

  /** What one shard accepts in a second. */
  public record ShardQuota(double recordsPerSecond, double bytesPerSecond) {}
}

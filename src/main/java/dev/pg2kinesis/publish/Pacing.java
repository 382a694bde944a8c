package dev.pg2kinesis.publish;

/**
 * The pace of a publisher.
 *
 * @param refused the pause after a request of which a lane had no record accepted, several times in
 *     a row
 * @param call the pause after a whole call failed
 * @param tickMillis a lane that waits for quota goes on at a multiple of this, so that lanes share
 *     requests
 * @param shard what a shard accepts
 */
public record Pacing(RetryPolicy refused, RetryPolicy call, long tickMillis, ShardQuota shard) {

  /** The documented quotas, and a lane's share of them every fiftieth of a second. */
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

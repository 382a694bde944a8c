package dev.pg2kinesis.publish;

/**
 * The pauses of a publisher.
 *
 * @param throttled the pause after some records of a lane were throttled
 * @param call the pause after a whole call failed
 * @param tickMillis a pause after throttling ends at a multiple of this
 */
public record Pacing(RetryPolicy throttled, RetryPolicy call, long tickMillis) {

  /**
   * A shard's quota comes back continuously, so a lane whose records were partly taken comes again
   * soon: often enough that a quarter of a second's quota, if that is all an idle shard stores, is
   * never wasted.
   */
  public static final Pacing DEFAULT =
      new Pacing(new RetryPolicy(50, 1_000), new RetryPolicy(100, 5_000), 20);
}

package dev.pg2kinesis.publish;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: between nothing and a span that doubles with each
 * attempt up to a cap ("full jitter", AWS Architecture Blog, "Exponential Backoff And Jitter").
 *
 * @param baseMillis the span after the first failure
 * @param capMillis the largest span
 */
record RetryPolicy(long baseMillis, long capMillis) {

  /**
   * After records were throttled. A shard's quota comes back continuously, so a lane whose records
   * were partly taken comes again soon: often enough that a quarter of a second's quota, if that is
   * all a shard saves up, is never wasted.
   */
  static final RetryPolicy THROTTLED = new RetryPolicy(100, 1_000);

  /** After a whole call failed. */
  static final RetryPolicy CALL = new RetryPolicy(100, 5_000);

  /**
   * The pause in nanoseconds.
   *
   * @param failures how many attempts failed in a row, at least 1
   */
  long pauseNanos(int failures, RandomGenerator random) {
    long span = Math.min(capMillis, baseMillis << Math.min(failures - 1, 30));
    return random.nextLong(TimeUnit.MILLISECONDS.toNanos(span) + 1);
  }
}

package dev.pg2kinesis.publish;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: a random time between 0 and a span that doubles with
 * each attempt up to a cap ("full jitter", AWS Architecture Blog, "Exponential Backoff And
 * Jitter"). The SDK's {@code BackoffStrategy} does the same, but with randomness of its own; the
 * tests in virtual time need a seed.
 *
 * @param baseMillis the span after the first failure
 * @param capMillis the largest span
 */
public record RetryPolicy(long baseMillis, long capMillis) {

  /**
   * The pause in nanoseconds.
   *
   * @param failures how many attempts failed in a row, at least 1
   */
  public long pauseNanos(int failures, RandomGenerator random) {
    long span = Math.min(capMillis, baseMillis << Math.min(failures - 1, 30));
    return random.nextLong(TimeUnit.MILLISECONDS.toNanos(span) + 1);
  }
}

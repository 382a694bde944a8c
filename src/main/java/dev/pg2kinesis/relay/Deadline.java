package dev.pg2kinesis.relay;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When something must have ended, so that a reserve is left for what follows it.
 *
 * @param remainingMillis milliseconds until the process is stopped from outside; may be negative
 * @param reserve how long before that this deadline passes
 */
public record Deadline(LongSupplier remainingMillis, Duration reserve) {

  /** The deadline without a reserve: when the process is stopped. */
  public static Deadline of(LongSupplier remainingMillis) {
    return new Deadline(remainingMillis, Duration.ZERO);
  }

  /** The same end with another reserve. */
  public Deadline keeping(Duration otherReserve) {
    return new Deadline(remainingMillis, otherReserve);
  }

  /** Milliseconds until the deadline; zero or negative once it has passed. */
  public long leftMillis() {
    return remainingMillis.getAsLong() - reserve.toMillis();
  }

  public boolean passed() {
    return leftMillis() <= 0;
  }

  /** The time left, as a time-out: at least a millisecond, since a time-out of zero is none. */
  public Duration left() {
    return timeout(leftMillis());
  }

  /** Half of the time left, as a time-out, so that there is time for a second attempt. */
  public Duration halfLeft() {
    return timeout(leftMillis() / 2);
  }

  private static Duration timeout(long millis) {
    return Duration.ofMillis(Math.max(1, millis));
  }
}

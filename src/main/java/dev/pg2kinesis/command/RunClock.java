package dev.pg2kinesis.command;

import dev.pg2kinesis.snapshot.SnapshotRun;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The time of a run, for what waits for the server.
 *
 * @param remainingMillis milliseconds until the run must stop reading
 */
public record RunClock(LongSupplier remainingMillis) implements SnapshotRun.Pause {

  @Override
  public void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long leftMillis() {
    return remainingMillis.getAsLong();
  }
}

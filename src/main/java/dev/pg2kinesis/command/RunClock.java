package dev.pg2kinesis.command;

import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.snapshot.SnapshotRun;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** The time of a run, for a snapshot that waits for the server. */
record RunClock(Deadline deadline) implements SnapshotRun.Pause {

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
    return deadline.leftMillis();
  }
}

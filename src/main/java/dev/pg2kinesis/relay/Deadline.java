package dev.pg2kinesis.relay;

/** How long the run may still go on. */
@FunctionalInterface
public interface Deadline {

  /** Milliseconds until the process is stopped from outside; may be negative. */
  long remainingMillis();
}

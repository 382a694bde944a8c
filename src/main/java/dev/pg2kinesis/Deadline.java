package dev.pg2kinesis;

/** How long the run may still go on. */
@FunctionalInterface
interface Deadline {

  /** Milliseconds until the process is stopped from outside; may be negative. */
  long remainingMillis();
}

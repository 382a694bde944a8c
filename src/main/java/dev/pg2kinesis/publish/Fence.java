package dev.pg2kinesis.publish;

/**
 * Whether a run may still send. A run that lost its right to publish must stop, although its
 * requests would be accepted: the stream cannot tell one run from another.
 */
@FunctionalInterface
public interface Fence {

  /**
   * Milliseconds in which a request may be started; zero or less forbids it. Called before each
   * request, from several threads.
   */
  long remainingMillis();

  /**
   * Renews the permission if it is about to expire. The thread that publishes calls this for every
   * record, and often while it waits.
   *
   * @throws RuntimeException if the run must not send any more; publishing ends with it
   */
  default void renew() {}
}

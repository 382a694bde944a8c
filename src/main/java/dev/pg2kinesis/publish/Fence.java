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
   * Asks for the permission again if that is due. The thread that publishes calls this for every
   * group of records, and often while it waits, always under the queue's lock: no request is
   * started before the answer.
   *
   * @throws RuntimeException if the run must not send any more; publishing ends with it
   */
  default void renew() {}
}

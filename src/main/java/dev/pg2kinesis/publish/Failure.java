package dev.pg2kinesis.publish;

/**
 * Why a record or a call failed.
 *
 * @param attempts how many failures of its sort in a row are borne before publishing stops; the
 *     request may have landed nevertheless
 * @param code what to tell the caller then
 * @param reason for people; holds no values of rows
 */
public record Failure(int attempts, PublishException.Code code, String reason) {

  /** For what passes by itself: the run's deadline is the only limit. */
  static final int UNLIMITED = Integer.MAX_VALUE;

  /** For what may pass. With {@link RetryPolicy#CALL} these take some ten seconds. */
  public static final int SEVERAL = 10;

  /** For what the next attempt may have new credentials or a corrected clock for. */
  static final int FEW = 3;

  /** For what only a person mends. */
  static final int ONE = 1;

  /** Whether it was for going too fast, which calls for going slower and is no fault. */
  boolean throttled() {
    return attempts == UNLIMITED;
  }

  public PublishException toException() {
    return new PublishException(code, reason, null);
  }
}

package dev.pg2kinesis.publish;

/**
 * Why a record or a call failed.
 *
 * @param attempts consecutive failures of this kind after which publishing stops
 * @param code the code that it stops with
 * @param reason an explanation for people, without values of rows
 */
public record Failure(int attempts, PublishException.Code code, String reason) {

  /** Throttling: it passes, so the run's deadline is the only limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** Server errors and silence: with the pauses of {@link Pacing#DEFAULT} some ten seconds. */
  public static final int SEVERAL = 10;

  /** Expired credentials or clock skew: a later attempt may succeed. */
  public static final int FEW = 3;

  /** A mistake that only a person can fix. */
  public static final int ONE = 1;

  /** Whether Kinesis only asks to go slower. */
  boolean throttled() {
    return attempts == UNLIMITED;
  }

  public PublishException toException() {
    return new PublishException(code, reason, null);
  }
}

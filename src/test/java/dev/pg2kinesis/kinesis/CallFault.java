package dev.pg2kinesis.kinesis;

/**
 * What happens to a whole call.
 *
 * @param lands when its records are put
 * @param status the answer's HTTP status; {@link #HANG_UP} to close the connection without one,
 *     {@link #SILENCE} to keep it open without one
 * @param code the answer's error code, if its status is not 200
 */
public record CallFault(Landing lands, int status, String code) {

  /** As {@link #status}: the connection is closed. */
  public static final int HANG_UP = 0;

  /** As {@link #status}: the caller waits until it gives up. */
  public static final int SILENCE = -1;

  /** No fault. */
  public static final CallFault NONE = new CallFault(Landing.AT_ONCE, 200, "");

  /** The call is refused with an error code and nothing is put. */
  public static CallFault refuse(int status, String code) {
    return new CallFault(Landing.NEVER, status, code);
  }

  /** The records are put, but the answer is an error all the same. */
  public static CallFault putButAnswer(int status, String code) {
    return new CallFault(Landing.AT_ONCE, status, code);
  }

  /** The connection closes before anything is put. */
  public static CallFault hangUp() {
    return new CallFault(Landing.NEVER, HANG_UP, "");
  }

  /** The records are put, then the connection closes. */
  public static CallFault putAndHangUp() {
    return new CallFault(Landing.AT_ONCE, HANG_UP, "");
  }

  /** The records are put and the caller never hears of it. */
  public static CallFault putAndSilence() {
    return new CallFault(Landing.AT_ONCE, SILENCE, "");
  }

  /** The caller hears nothing; the records are put when {@link FakeKinesis#landLate} says so. */
  public static CallFault landLate() {
    return new CallFault(Landing.LATE, SILENCE, "");
  }

  /** When the records of a call are put. */
  public enum Landing {
    AT_ONCE,
    NEVER,
    LATE
  }
}

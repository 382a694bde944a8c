package dev.pg2kinesis.command;

import dev.pg2kinesis.error.CodedException;

/** A command that cannot be carried out as it was given. Nothing was done. */
public final class CommandRefusedException extends CodedException {

  private static final long serialVersionUID = 1L;

  /** Stable names of the reasons. */
  public enum Code {
    /** The event is not a command. */
    EVENT_INVALID,
    /** A command that destroys something was not confirmed, or not for this slot. */
    NOT_CONFIRMED,
    /** The transaction to skip is not the next one. */
    SKIP_REFUSED
  }

  CommandRefusedException(Code code, String explanation) {
    super(code.name(), explanation, null);
  }
}

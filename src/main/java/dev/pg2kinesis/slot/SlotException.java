package dev.pg2kinesis.slot;

import org.jspecify.annotations.Nullable;

/**
 * Something about the database or its slot that stops a run. The message starts with the code, says
 * what happened and what mends it, and holds no row values.
 */
public final class SlotException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  public SlotException(Code code, String message, @Nullable Throwable cause) {
    super(code + ": " + message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Stable names for what can be wrong. */
  public enum Code {
    /** Another session holds the lock or is decoding the slot. Not an error: the run ends BUSY. */
    BUSY,
    /** The peek took longer than it was given; a smaller window may do. */
    PEEK_TIMEOUT,
    CONNECTION_FAILED,
    PASSWORD_REJECTED,
    /** The server's certificate was not accepted, or the server speaks no TLS. */
    TLS_FAILED,
    PRIVILEGE_MISSING,
    SERVER_UNSUPPORTED,
    /** A standby: slots are read on the writer only. */
    SERVER_IN_RECOVERY,
    WAL_LEVEL,
    SLOT_MISSING,
    SLOT_EXISTS,
    SLOT_PHYSICAL,
    SLOT_OTHER_DATABASE,
    SLOT_LOST,
    PLUGIN_UNSUPPORTED,
    PLUGIN_NOT_ALLOWED,
    PLUGIN_MISSING,
    PUBLICATION_MISSING,
    SERVER_LIMIT,
    CONNECTION_LOST,
    /** The function's ephemeral storage is full or cannot be written. */
    SPILL_FAILED,
    DATABASE_FAILED
  }
}

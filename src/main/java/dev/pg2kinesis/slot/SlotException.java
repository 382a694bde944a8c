package dev.pg2kinesis.slot;

import dev.pg2kinesis.error.CodedException;
import org.jspecify.annotations.Nullable;

/**
 * An error of the database or its slot that stops a run. The message starts with the code, says
 * what happened, whether changes may be missing and how to fix it. It holds no row values.
 */
public final class SlotException extends CodedException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  public SlotException(Code code, String message, @Nullable Throwable cause) {
    super(code.name(), message + code.loss.sentence, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Whether changes may be missing from the stream. */
  public enum Loss {
    /** The message does not mention it: no change is at stake. */
    NOT_STATED(""),
    NONE(" Nothing is lost: the slot keeps its place."),
    /** The server cannot tell. */
    POSSIBLE(" Changes may be missing from the stream."),
    CERTAIN(" Changes are missing from the stream.");

    private final String sentence;

    Loss(String sentence) {
      this.sentence = sentence;
    }
  }

  /** Stable names of the errors. */
  public enum Code {
    /** Another session holds the lock or decodes the slot. Not an error: the run ends BUSY. */
    BUSY(Loss.NOT_STATED),
    /** The peek took longer than its time-out; a smaller window may fit. */
    PEEK_TIMEOUT(Loss.NONE),
    CONNECTION_FAILED(Loss.NONE),
    PASSWORD_REJECTED(Loss.NONE),
    /** The server's certificate was rejected, or the server does not offer TLS. */
    TLS_FAILED(Loss.NONE),
    PRIVILEGE_MISSING(Loss.NONE),
    SERVER_UNSUPPORTED(Loss.NONE),
    /**
     * The server is a standby on which the slot cannot be read; the message says if it was lost.
     */
    SERVER_IN_RECOVERY(Loss.NOT_STATED),
    WAL_LEVEL(Loss.NONE),
    SLOT_MISSING(Loss.POSSIBLE),
    /** A slot of that name exists, and is not as the command wants it. */
    SLOT_EXISTS(Loss.NOT_STATED),
    SLOT_PHYSICAL(Loss.NOT_STATED),
    SLOT_OTHER_DATABASE(Loss.NONE),
    /** It emits transactions at PREPARE TRANSACTION, whether they will commit or not. */
    SLOT_TWO_PHASE(Loss.NONE),
    /** The server removed the WAL that the slot needs. */
    SLOT_LOST(Loss.CERTAIN),
    /** The session that answers is not the one that took the lock. */
    LOCK_LOST(Loss.NONE),
    /** Something else moved the slot during a run. */
    SLOT_MOVED(Loss.POSSIBLE),
    /** The server holds changes back until a standby has them. */
    STANDBY_BEHIND(Loss.NONE),
    /** A standby ended a statement that stood in the way of its replay. */
    STANDBY_CONFLICT(Loss.NOT_STATED),
    SLOT_NAME_INVALID(Loss.NOT_STATED),
    /** A transaction that was already open keeps a new slot from starting. */
    SLOT_CREATION_TIMEOUT(Loss.NOT_STATED),
    PLUGIN_UNSUPPORTED(Loss.NOT_STATED),
    /** {@code output_plugin_libraries} does not list the plugin. */
    PLUGIN_NOT_ALLOWED(Loss.NONE),
    PLUGIN_MISSING(Loss.NONE),
    PUBLICATION_MISSING(Loss.NONE),
    /** The publication was created after the WAL at the slot's position was written. */
    PUBLICATION_TOO_NEW(Loss.NOT_STATED),
    SERVER_LIMIT(Loss.NONE),
    CONNECTION_LOST(Loss.NONE),
    /** Another session holds a lock on a table that a snapshot is to read. */
    TABLE_LOCKED(Loss.NONE),
    DATABASE_FAILED(Loss.NONE);

    private final Loss loss;

    Code(Loss loss) {
      this.loss = loss;
    }
  }
}

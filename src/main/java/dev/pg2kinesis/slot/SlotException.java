package dev.pg2kinesis.slot;

import dev.pg2kinesis.error.CodedException;
import org.jspecify.annotations.Nullable;

/**
 * Something about the database or its slot that stops a run. The message starts with the code, says
 * what happened, whether changes may be missing and what mends it, and holds no row values.
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

  /** Whether changes may be missing from the stream because of what happened. */
  public enum Loss {
    /** Not to be said: nothing went wrong. */
    UNSAID(""),
    NONE(" Nothing is lost: the slot keeps its place."),
    /** The server cannot tell. */
    POSSIBLE(" Changes may be missing from the stream."),
    CERTAIN(" Changes are missing from the stream.");

    private final String sentence;

    Loss(String sentence) {
      this.sentence = sentence;
    }
  }

  /** Stable names for what can be wrong. */
  public enum Code {
    /** Another session holds the lock or is decoding the slot. Not an error: the run ends BUSY. */
    BUSY(Loss.UNSAID),
    /** The peek took longer than it was given; a smaller window may do. */
    PEEK_TIMEOUT(Loss.NONE),
    CONNECTION_FAILED(Loss.NONE),
    PASSWORD_REJECTED(Loss.NONE),
    /** The server's certificate was not accepted, or the server speaks no TLS. */
    TLS_FAILED(Loss.NONE),
    PRIVILEGE_MISSING(Loss.NONE),
    SERVER_UNSUPPORTED(Loss.NONE),
    /** A standby: slots are read on the writer only. */
    SERVER_IN_RECOVERY(Loss.NONE),
    WAL_LEVEL(Loss.NONE),
    SLOT_MISSING(Loss.POSSIBLE),
    /** There is a slot of that name, which is not the one that was to be created. */
    SLOT_EXISTS(Loss.UNSAID),
    SLOT_PHYSICAL(Loss.UNSAID),
    SLOT_OTHER_DATABASE(Loss.NONE),
    /** It prints transactions when they are prepared, whether they will commit or not. */
    SLOT_TWO_PHASE(Loss.NONE),
    /** The server gave up the WAL that the slot needs. */
    SLOT_LOST(Loss.CERTAIN),
    /** Not the session that took the lock answers. */
    LOCK_LOST(Loss.NONE),
    /** Somebody else moved the slot during a run. */
    SLOT_MOVED(Loss.POSSIBLE),
    /** A standby that must have the changes first does not have them. */
    STANDBY_BEHIND(Loss.NONE),
    /** The slot is not where the watermark says this function left it. */
    GAP(Loss.POSSIBLE),
    /** The watermark parameter holds something else than a watermark, or another slot's. */
    WATERMARK_INVALID(Loss.NONE),
    SLOT_NAME_INVALID(Loss.UNSAID),
    /** A transaction that was open already keeps a new slot from starting. */
    SLOT_CREATION_TIMEOUT(Loss.UNSAID),
    /** A command that destroys something was not confirmed, or not for this slot. */
    NOT_CONFIRMED(Loss.UNSAID),
    /** What was to be skipped is not the next transaction. */
    SKIP_REFUSED(Loss.UNSAID),
    PLUGIN_UNSUPPORTED(Loss.UNSAID),
    /** {@code output_plugin_libraries} does not list the plugin. */
    PLUGIN_NOT_ALLOWED(Loss.NONE),
    PLUGIN_MISSING(Loss.NONE),
    PUBLICATION_MISSING(Loss.NONE),
    /** The publication was created after the WAL that the slot is at. */
    PUBLICATION_TOO_NEW(Loss.NONE),
    SERVER_LIMIT(Loss.NONE),
    CONNECTION_LOST(Loss.NONE),
    DATABASE_FAILED(Loss.NONE);

    private final Loss loss;

    Code(Loss loss) {
      this.loss = loss;
    }

    public Loss loss() {
      return loss;
    }
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.window.SpillException;
import org.jspecify.annotations.Nullable;

/**
 * How a window ended. All records that were acknowledged by then are good, whatever the end.
 *
 * @param kind what the run may do next
 * @param failure what ended the window, if a failure did
 */
record WindowEnd(Kind kind, @Nullable RuntimeException failure) {

  /** The kinds of ends, by what may follow. */
  enum Kind {
    /** The peek returned everything up to its bound, and all of it is acknowledged. */
    WHOLE,
    /** The same up to the last transaction that the number of rows allowed. */
    CUT_BY_ROWS,
    /** The same up to a transaction that is not visible yet. */
    NOT_VISIBLE,
    /** Time ran out; part of the window is acknowledged. */
    OUT_OF_TIME,
    /** The window was too large for the server's or the function's limits. */
    TOO_LARGE,
    /** The server failed at one of the transactions; it is not known yet at which. */
    UNDECODABLE,
    /** Anything else. */
    FAILED
  }

  static WindowEnd of(Kind kind) {
    return new WindowEnd(kind, null);
  }

  static WindowEnd failed(RuntimeException failure) {
    return new WindowEnd(kindOf(failure), failure);
  }

  private static Kind kindOf(RuntimeException failure) {
    if (failure instanceof UndecodableException) {
      return Kind.UNDECODABLE;
    }
    return mayFitIfSmaller(failure) ? Kind.TOO_LARGE : Kind.FAILED;
  }

  private static boolean mayFitIfSmaller(RuntimeException failure) {
    if (failure instanceof SlotException slot) {
      return slot.code() == SlotException.Code.PEEK_TIMEOUT
          || slot.code() == SlotException.Code.SERVER_LIMIT;
    }
    return failure instanceof SpillException;
  }

  /**
   * The furthest that the slot may go.
   *
   * @param acknowledged the last commit that is acknowledged with all before it, if there is one
   * @param upTo the bound of the peek
   */
  @Nullable Lsn safePosition(@Nullable Lsn acknowledged, Lsn upTo) {
    if (kind != Kind.WHOLE) {
      return acknowledged;
    }
    return acknowledged == null ? upTo : Lsn.max(upTo, acknowledged);
  }

  /** Whether the window was published completely, as far as its rows went. */
  boolean isComplete() {
    return kind == Kind.WHOLE || kind == Kind.CUT_BY_ROWS || kind == Kind.NOT_VISIBLE;
  }

  /**
   * Whether the session has lost the slot's lock. Another run may be publishing, so this one must
   * neither publish nor advance.
   */
  boolean lockIsGone() {
    return failure instanceof SlotException slot
        && (slot.code() == SlotException.Code.CONNECTION_LOST
            || slot.code() == SlotException.Code.LOCK_LOST);
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A logical replication slot, held by one session with the slot's advisory lock. All methods throw
 * {@link SlotException}.
 */
public interface Slot extends AutoCloseable {

  /** The output plugin the slot was created with. */
  Plugin plugin();

  /** Where the slot and the server's WAL stand now, taken in one statement of its own. */
  Position position();

  /** The catalog's present state. */
  Catalog catalog();

  /**
   * Starts to read changes from the slot's position on, without moving it. The session can do
   * nothing else until the peek is closed.
   *
   * @param upTo a transaction is included if its commit record starts before this position
   * @param rows no further transaction is started once this many rows were returned; at least 1
   * @param timeout after this the server gives up with {@link SlotException.Code#PEEK_TIMEOUT}
   */
  Peek peek(Lsn upTo, long rows, Duration timeout);

  /**
   * Moves the slot forward. Not crash-durable: after an immediate stop the server may fall back to
   * an earlier position, and changes are delivered again.
   *
   * @param to at or after the slot's position, at most the server's flush LSN
   */
  void advance(Lsn to);

  /** Ends the session and with it the lock. */
  @Override
  void close();

  /**
   * Positions and health of a slot.
   *
   * @param confirmed {@code confirmed_flush_lsn}: everything before it is done with
   * @param restart {@code restart_lsn}: the oldest WAL that the server keeps for the slot
   * @param flush the server's {@code pg_current_wal_flush_lsn()}
   * @param walStatus {@code wal_status} (PostgreSQL 13 and newer), {@code unknown} before
   */
  record Position(Lsn confirmed, Lsn restart, Lsn flush, String walStatus) {}

  /** Rows on their way from the server. */
  interface Peek extends AutoCloseable {

    /** The next row, waiting for it, or null after the last. */
    @Nullable RawRow next();

    /**
     * Asks the server to stop; {@link #next()} then ends with null. The only method that another
     * thread may call.
     */
    void cancel();

    /** Ends the peek, cancelling what the server still does; the session is free again. */
    @Override
    void close();
  }
}

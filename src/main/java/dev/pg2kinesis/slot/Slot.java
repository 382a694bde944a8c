package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A logical replication slot that one session holds through the slot's advisory lock. All methods
 * throw {@link SlotException}.
 */
public interface Slot extends AutoCloseable {

  /** The output plugin that the slot was created with. */
  Plugin plugin();

  /** The present positions of the slot and of the server's WAL, read in one separate statement. */
  Position position();

  /**
   * Asks whether the session still holds the slot's lock.
   *
   * @param patience how long to wait for an answer
   * @throws SlotException {@code LOCK_LOST} or {@code CONNECTION_LOST} if it does not, or if there
   *     is no answer
   */
  void checkLock(Duration patience);

  /**
   * The cluster and timeline that the server is on.
   *
   * @param earlier the ID of a timeline that was seen before, or null
   */
  Timeline timeline(@Nullable Long earlier);

  /** The present catalog. */
  Catalog catalog();

  /** Reads the rows of the tables that the slot's changes are of. */
  TableReader tables();

  /**
   * Starts to read changes from the slot's position without moving it. The session cannot run
   * anything else until the peek is closed.
   *
   * @param upTo includes a transaction if its commit record starts before this position
   * @param rows starts no further transaction once this many rows were returned; at least 1
   * @param timeout after which the server stops with {@link SlotException.Code#PEEK_TIMEOUT}
   */
  Peek peek(Lsn upTo, long rows, Duration timeout);

  /**
   * Finds the first transaction that the server cannot decode. The slot stays where it is.
   *
   * @param cause how a peek failed
   * @param upTo the bound of that peek
   * @param timeout after which the search ends with {@link SlotException.Code#PEEK_TIMEOUT}
   * @return null if the peek does not fail any more, or fails without any transaction
   */
  @Nullable UndecodableTransaction findUndecodable(
      UndecodableException cause, Lsn upTo, Duration timeout);

  /**
   * Moves the slot forward. This is not crash-durable: after an immediate stop the slot may fall
   * back to an earlier position and deliver changes again.
   *
   * @param to at least the slot's position, at most where the server's WAL ends
   */
  void advance(Lsn to);

  /** Ends the session and releases the lock. */
  @Override
  void close();

  /**
   * Positions and health of a slot.
   *
   * @param confirmed {@code confirmed_flush_lsn}: the slot is done with everything before it
   * @param restart {@code restart_lsn}: the oldest WAL that the slot still needs
   * @param flush where the WAL ends that the server can decode: its {@code
   *     pg_current_wal_flush_lsn()}, on a standby {@code pg_last_wal_replay_lsn()}. For a moment
   *     after a standby was restarted this can be before {@code confirmed}
   * @param walStatus {@code wal_status} (PostgreSQL 13 and newer), {@code unknown} before
   */
  record Position(Lsn confirmed, Lsn restart, Lsn flush, String walStatus) {

    /** Bytes of WAL that the slot is behind. */
    public long lagBytes() {
      return flush.bytesSince(confirmed);
    }

    /** Bytes of WAL that the server keeps for the slot. */
    public long retainedBytes() {
      return flush.bytesSince(restart);
    }
  }

  /** Rows that arrive from the server. */
  interface Peek extends AutoCloseable {

    /**
     * Waits for the next row; null after the last.
     *
     * @throws UndecodableException if the server fails while it decodes
     */
    @Nullable RawRow next();

    /**
     * Asks the server to stop; {@link #next()} then returns null. The only method that another
     * thread may call.
     */
    void cancel();

    /** Cancels what the server still does, and frees the session. */
    @Override
    void close();
  }
}

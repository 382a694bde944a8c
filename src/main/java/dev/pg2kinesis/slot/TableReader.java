package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.VisibleTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows that tables hold, in the session that holds the slot's lock. All methods throw
 * {@link SlotException}.
 */
public interface TableReader {

  /** All tables, views and foreign tables of the database, without the system's. */
  List<TableCandidate> candidates();

  /** How a table's rows are read, or null if there is no such table any more. */
  @Nullable TableShape shape(TableName table);

  /**
   * Reads the next rows of a table in one database snapshot, which is given up before this returns.
   *
   * @param shape how the table looked when its snapshot began or was last checked
   * @param after the key of the last row that was read; null to start at the beginning
   * @param timeout after this the server gives up with {@link SlotException.Code#PEEK_TIMEOUT}
   * @return null if the table's key or columns are not those of {@code shape} any more
   */
  @Nullable TableChunk read(
      TableShape shape, @Nullable List<String> after, TableChunk.Bounds bounds, Duration timeout);

  /**
   * The transactions that are in progress now and have an id, subtransactions included; the lower
   * 32 bits of the ids. A transaction is in progress until database snapshots show it, which is
   * later than its commit record is written: a synchronous standby may have to confirm it first.
   */
  Set<Integer> inProgress();

  /** What a database snapshot that is taken now shows. */
  VisibleTransactions visible();

  /**
   * Up to where WAL is written or reserved now. Commits of what a database snapshot showed before
   * end at or before this position.
   */
  Lsn insertLsn();

  /** Up to where WAL is on disk now. */
  Lsn flushLsn();
}

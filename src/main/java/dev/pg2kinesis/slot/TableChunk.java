package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.VisibleTransactions;
import java.util.List;

/**
 * Rows of one table, read in one database snapshot.
 *
 * @param rows the rows, in key order; each is taken apart when it is asked for
 * @param bytes about how much the rows take on the heap
 * @param lastKey the key of the last row, as the session prints and reads it, which {@link
 *     TableReader#read} goes on after; empty if there is no row or no key
 * @param visible what the snapshot shows
 * @param end what ended the chunk
 */
public record TableChunk(
    List<Row> rows, long bytes, List<String> lastKey, VisibleTransactions visible, End end) {

  /** What ended a chunk. */
  public enum End {
    /** The table ends here. */
    OF_TABLE,
    /** The number of rows. */
    BY_ROWS,
    /** The size of the rows. */
    BY_BYTES
  }

  /** Whether the table ends here. */
  public boolean last() {
    return end == End.OF_TABLE;
  }

  /**
   * How much a chunk may hold.
   *
   * @param rows rows at most
   * @param bytes reading stops after the row with which the rows reach about this size on the heap
   */
  public record Bounds(long rows, long bytes) {}
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.VisibleTransactions;
import java.util.List;

/**
 * Rows of one table, read in one database snapshot.
 *
 * @param rows the rows, in key order
 * @param visible what the snapshot shows
 * @param last whether the table ends here
 */
public record TableChunk(List<Row> rows, VisibleTransactions visible, boolean last) {

  /**
   * How much a chunk may hold.
   *
   * @param rows rows at most
   * @param bytes reading stops after the row with which the rows reach about this size on the heap
   */
  public record Bounds(long rows, long bytes) {}
}

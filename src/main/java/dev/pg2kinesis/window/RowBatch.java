package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.RawRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that travel together, with the transactions that end among them. Filled by one thread, then
 * read by another.
 */
final class RowBatch {

  /** Heap that a row takes besides its bytes: the record, its LSN, the array's header. */
  private static final int ROW_OVERHEAD = 88;

  /** Heap that a transaction's end takes: this class's record, the commit, its LSN and time. */
  private static final int END_OVERHEAD = 112;

  private final List<RawRow> rows = new ArrayList<>();
  private final List<End> ends = new ArrayList<>();
  private long bytes;

  /** The row at an index ends this transaction. */
  private record End(int index, Commit commit) {}

  /** Adds a row, and the transaction that it ends, if it ends one. */
  void add(RawRow row, @Nullable Commit commit) {
    if (commit != null) {
      ends.add(new End(rows.size(), commit));
    }
    rows.add(row);
    bytes += row.bytes().length;
  }

  int size() {
    return rows.size();
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  RawRow row(int index) {
    return rows.get(index);
  }

  /** How many transactions end in the batch. */
  int transactions() {
    return ends.size();
  }

  /** The commit of the n-th transaction that ends in the batch, from 0. */
  Commit commit(int transaction) {
    return ends.get(transaction).commit();
  }

  /** Whether the row at {@code index} ends the n-th transaction. */
  boolean isEndOf(int transaction, int index) {
    return transaction < ends.size() && ends.get(transaction).index() == index;
  }

  /** Bytes of the rows. */
  long bytes() {
    return bytes;
  }

  /** Bytes that the batch takes on the heap. */
  long heapBytes() {
    return bytes + (long) rows.size() * ROW_OVERHEAD + (long) ends.size() * END_OVERHEAD;
  }
}

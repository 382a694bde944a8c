package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that travel together, with the transactions that end among them. Filled by one thread, then
 * read by another.
 *
 * <p>The rows are in arrays, not in objects of their own: a window can hold hundreds of thousands,
 * and each collection of the heap moves what is in it.
 */
final class RowBatch {

  private static final int MAX_ROWS = 512;
  private static final int MAX_BYTES = 256 * 1024;

  /** Heap that a row takes besides its bytes: an element of each array. */
  private static final int ROW_OVERHEAD = Long.BYTES + 2 * Integer.BYTES;

  /** Heap that a transaction's end takes: this class's record, the commit, its LSN and time. */
  private static final int END_OVERHEAD = 112;

  private static final byte[] NONE = {};

  private byte[] bytes = NONE;
  private int length;

  private long[] lsns;
  private int[] xids;

  /** Where in {@link #bytes} the rows end. */
  private int[] rowEnds;

  private int rows;
  private final int expectedBytes;
  private final List<End> ends = new ArrayList<>();

  /** The row at an index ends this transaction. */
  private record End(int index, Commit commit) {}

  RowBatch() {
    this(16, 1024);
  }

  /**
   * @param expectedRows room for this many rows, which more can follow
   * @param expectedBytes room for this many bytes of theirs
   */
  private RowBatch(int expectedRows, int expectedBytes) {
    this.lsns = new long[expectedRows];
    this.xids = new int[expectedRows];
    this.rowEnds = new int[expectedRows];
    this.expectedBytes = expectedBytes;
  }

  /** An empty batch for the rows after those of a full one, which will probably be alike. */
  static RowBatch after(RowBatch full) {
    return full.length > MAX_BYTES ? new RowBatch() : new RowBatch(full.rows, full.length);
  }

  /** Whether the batch should take a row of that many bytes. An empty one takes any. */
  boolean hasRoom(int more) {
    return rows == 0 || (rows < MAX_ROWS && length + more <= MAX_BYTES);
  }

  /** Whether there is hardly room for another row. */
  boolean isFull() {
    return rows >= MAX_ROWS || length >= MAX_BYTES;
  }

  /** Adds a row, and the transaction that it ends, if it ends one. */
  void add(RawRow row, @Nullable Commit commit) {
    if (commit != null) {
      ends.add(new End(rows, commit));
    }
    if (rows == rowEnds.length) {
      lsns = Arrays.copyOf(lsns, 2 * rows);
      xids = Arrays.copyOf(xids, 2 * rows);
      rowEnds = Arrays.copyOf(rowEnds, 2 * rows);
    }
    append(row.bytes());
    lsns[rows] = row.lsn().value();
    xids[rows] = (int) row.xid();
    rowEnds[rows++] = length;
  }

  private void append(byte[] more) {
    if (rows == 0 && more.length >= MAX_BYTES) {
      bytes = more; // a large row is not copied
    } else {
      int needed = length + more.length;
      if (needed > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(needed, Math.max(expectedBytes, 2 * bytes.length)));
      }
      System.arraycopy(more, 0, bytes, length, more.length);
    }
    length += more.length;
  }

  int size() {
    return rows;
  }

  boolean isEmpty() {
    return rows == 0;
  }

  RawRow row(int index) {
    int from = from(index);
    int to = rowEnds[index];
    boolean only = from == 0 && to == bytes.length;
    return new RawRow(lsn(index), xid(index), only ? bytes : Arrays.copyOfRange(bytes, from, to));
  }

  Lsn lsn(int index) {
    return new Lsn(lsns[index]);
  }

  long xid(int index) {
    return Integer.toUnsignedLong(xids[index]);
  }

  /** The bytes of all rows, each {@link #from} one offset to {@link #to} another. */
  byte[] bytes() {
    return bytes;
  }

  int from(int index) {
    return index == 0 ? 0 : rowEnds[index - 1];
  }

  int to(int index) {
    return rowEnds[index];
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

  /** Bytes that the batch takes on the heap. */
  long heapBytes() {
    return bytes.length + (long) rowEnds.length * ROW_OVERHEAD + (long) ends.size() * END_OVERHEAD;
  }
}

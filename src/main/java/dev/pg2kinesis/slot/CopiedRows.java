package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.decode.MoneyText;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * Rows as COPY sent them, one behind the other in large blocks. A row is taken apart each time it
 * is asked for: the parts of all rows would take several times the memory, and the collector would
 * copy each of them.
 */
final class CopiedRows extends AbstractList<Row> implements RandomAccess {

  private static final int BLOCK_BYTES = 256 << 10;

  /** A row that is larger stays in the array it came in, so that blocks are mostly full. */
  private static final int LARGE_ROW_BYTES = BLOCK_BYTES / 4;

  private static final int FIRST_ROWS = 512;

  private final List<Column> columns;
  private final MoneyText money;
  private final List<byte[]> blocks = new ArrayList<>();

  /** The number of the block that is being filled. */
  private int open;

  /** How much of that block is used. */
  private int used = BLOCK_BYTES;

  /** Where each row begins: the number of its block in the upper half, its offset in the lower. */
  private long[] places = new long[FIRST_ROWS];

  private int size;
  private long bytes;

  CopiedRows(List<Column> columns, MoneyText money) {
    this.columns = columns;
    this.money = money;
  }

  /** Adds a row of COPY in text form, with its line feed. */
  void copied(byte[] line) {
    if (size == places.length) {
      places = Arrays.copyOf(places, size * 2);
    }
    if (line.length > LARGE_ROW_BYTES) {
      places[size++] = place(blocks.size(), 0);
      blocks.add(line);
    } else {
      if (line.length > BLOCK_BYTES - used) {
        open = blocks.size();
        used = 0;
        blocks.add(new byte[BLOCK_BYTES]);
      }
      System.arraycopy(line, 0, blocks.get(open), used, line.length);
      places[size++] = place(open, used);
      used += line.length;
    }
    bytes += line.length + Long.BYTES;
  }

  private static long place(int block, int offset) {
    return (long) block << Integer.SIZE | offset;
  }

  /** About how much the rows take on the heap. */
  long bytes() {
    return bytes;
  }

  /** A row as the session prints it and reads it again. */
  Row printed(int index) {
    if (columns.isEmpty()) {
      return Row.EMPTY;
    }
    long place = places[index];
    byte[] block = blocks.get((int) (place >>> Integer.SIZE));
    return new Row(columns, CopyText.values(block, (int) place, columns.size()));
  }

  @Override
  public Row get(int index) {
    return money.rewritten(printed(index));
  }

  @Override
  public int size() {
    return size;
  }
}

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

  /** A row that is larger has a block of its own. */
  private static final int BLOCK_BYTES = 256 << 10;

  private static final int FIRST_ROWS = 512;

  private final List<Column> columns;
  private final MoneyText money;
  private final List<byte[]> blocks = new ArrayList<>();

  /** How much of the last block is used. */
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
    if (line.length > BLOCK_BYTES - used) {
      blocks.add(line.length > BLOCK_BYTES ? line : new byte[BLOCK_BYTES]);
      used = 0;
    }
    byte[] block = blocks.get(blocks.size() - 1);
    if (block == line) {
      used = BLOCK_BYTES;
      places[size] = (long) (blocks.size() - 1) << Integer.SIZE;
    } else {
      System.arraycopy(line, 0, block, used, line.length);
      places[size] = (long) (blocks.size() - 1) << Integer.SIZE | used;
      used += line.length;
    }
    size++;
    bytes += line.length + Long.BYTES;
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

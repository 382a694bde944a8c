package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.decode.MoneyText;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Rows as COPY sent them. A row is taken apart each time it is asked for: the parts of all rows
 * would take several times the memory, and the collector would copy each of them.
 */
final class CopiedRows extends AbstractList<Row> implements RandomAccess {

  /** What a row takes on the heap besides its bytes: an array's header and two references. */
  private static final int OVERHEAD_BYTES = 32;

  private final List<Column> columns;
  private final MoneyText money;
  private final List<byte[]> lines = new ArrayList<>();
  private long bytes;

  CopiedRows(List<Column> columns, MoneyText money) {
    this.columns = columns;
    this.money = money;
  }

  /** Adds a row of COPY in text form. */
  void copied(byte[] line) {
    lines.add(line);
    bytes += line.length + OVERHEAD_BYTES;
  }

  /** About how much the rows take on the heap. */
  long bytes() {
    return bytes;
  }

  /** A row as the session prints it and reads it again. */
  Row printed(int index) {
    List<Value> values = columns.isEmpty() ? List.of() : CopyText.values(lines.get(index));
    return new Row(columns, values);
  }

  @Override
  public Row get(int index) {
    return money.rewritten(printed(index));
  }

  @Override
  public int size() {
    return lines.size();
  }
}

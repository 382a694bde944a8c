package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Gives old rows the NULLs that the text plugins leave out. Only {@code REPLICA IDENTITY FULL} has
 * them, since the columns of an index that is a replica identity cannot be NULL.
 */
final class OldRows {

  private OldRows() {}

  /**
   * The row with each missing column of the table as NULL. A row with a column that the table does
   * not have is left as it is: the table was altered since, and what it had then is not known.
   *
   * @param table all columns of the table, in table order
   */
  static Row completed(Row row, List<Column> table) {
    List<Column> present = row.columns();
    if (present.size() >= table.size()) {
      return row;
    }
    Value[] values = new Value[table.size()];
    Arrays.fill(values, Value.NULL);
    int next = 0;
    for (int i = 0; i < values.length && next < present.size(); i++) {
      if (present.get(next).equals(table.get(i))) {
        values[i] = row.values().get(next++);
      }
    }
    return next == present.size()
        ? new Row(table, Collections.unmodifiableList(Arrays.asList(values)))
        : row;
  }
}

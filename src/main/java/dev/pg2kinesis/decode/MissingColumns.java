package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Gives rows the columns that a text plugin leaves out: the NULLs of whole old rows, and in
 * wal2json the unchanged TOASTed values of new ones.
 */
final class MissingColumns {

  private MissingColumns() {}

  /**
   * The row with each missing column of the table. A row with a column that the table does not have
   * is left as it is: the table was altered since, and what it had then is not known.
   *
   * @param table all columns of the table, in table order
   * @param missing the value of those that the row does not have
   */
  static Row filled(Row row, List<Column> table, Value missing) {
    List<Column> present = row.columns();
    if (present.size() >= table.size()) {
      return row;
    }
    Value[] values = new Value[table.size()];
    Arrays.fill(values, missing);
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

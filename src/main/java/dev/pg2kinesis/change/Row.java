package dev.pg2kinesis.change;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a row, or the part of it that the WAL holds (the columns of the replica identity).
 *
 * @param columns the columns, in table order
 * @param values their values, one for each column
 */
public record Row(List<Column> columns, List<Value> values) {

  /** A row of which nothing is known. */
  public static final Row EMPTY = new Row(List.of(), List.of());

  public Row {
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(
          "a row of " + columns.size() + " columns has " + values.size() + " values");
    }
  }

  /** The value of the column of that name, or null where this row does not hold the column. */
  public @Nullable Value value(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return values.get(i);
      }
    }
    return null;
  }
}

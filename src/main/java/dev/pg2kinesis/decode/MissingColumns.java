package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Gives rows the columns that a text plugin leaves out. Where the table cannot have been as the
 * catalog has it now, the row is left as it is, since what the table had then is not known.
 */
final class MissingColumns {

  /** Types of a fixed length, whose values are never TOASTed. */
  private static final Set<String> FIXED_LENGTH =
      Set.of(
          "smallint",
          "integer",
          "bigint",
          "oid",
          "real",
          "double precision",
          "money",
          "boolean",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "interval",
          "uuid",
          "\"char\"",
          "name",
          "pg_lsn",
          "macaddr",
          "macaddr8",
          "point");

  private MissingColumns() {}

  /** A whole old row with its NULLs, which only {@code REPLICA IDENTITY FULL} can have. */
  static Row nulls(Row row, List<Column> table) {
    return filled(row, table, Value.NULL, column -> true);
  }

  /** A new row with its unchanged TOASTed values. */
  static Row unchanged(Row row, List<Column> table) {
    return filled(row, table, Value.UNCHANGED, column -> !FIXED_LENGTH.contains(column.type()));
  }

  /**
   * The row with all columns of the table, unless it has a column that the table does not have, or
   * lacks one that it cannot lack.
   */
  private static Row filled(
      Row row, List<Column> table, Value missing, Predicate<Column> canBeMissing) {
    List<Column> present = row.columns();
    if (present.size() >= table.size()) {
      return row;
    }
    Value[] values = new Value[table.size()];
    Arrays.fill(values, missing);
    int next = 0;
    for (int i = 0; i < values.length; i++) {
      Column column = table.get(i);
      if (next < present.size() && present.get(next).equals(column)) {
        values[i] = row.values().get(next++);
      } else if (!canBeMissing.test(column)) {
        return row;
      }
    }
    return next == present.size()
        ? new Row(table, Collections.unmodifiableList(Arrays.asList(values)))
        : row;
  }
}

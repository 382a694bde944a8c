package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.regex.Pattern;

/**
 * One pattern for columns, {@code schema.table.column}, each part as in {@link TablePattern}.
 *
 * @param table what the table must match
 * @param column what the column's name must match
 */
record ColumnPattern(TablePattern table, Pattern column) {

  boolean matches(TableName ofTable, String name) {
    return column.matcher(name).matches() && table.matches(ofTable);
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.TableName;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a table are read in key order.
 *
 * @param table the table
 * @param partitioned whether it is a partitioned table whose changes carry its own name
 * @param columns the columns that the slot's plugin shows, in table order
 * @param key the key columns in the order of their index; empty for a table without a key
 * @param rowFilter the publications' row filter as an SQL condition; null if all rows are published
 * @param estimatedRows the planner's estimate; negative if the table was never analysed
 * @param keyType changes if the key's columns or types change; rows read under another one do not
 *     fit together
 * @param columnTypes the number and type of each column, such as {@code 1:23/-1 2:25/-1}
 */
public record TableShape(
    TableName table,
    boolean partitioned,
    List<Column> columns,
    List<KeyColumn> key,
    @Nullable String rowFilter,
    long estimatedRows,
    String keyType,
    String columnTypes) {

  /**
   * A column of the key, with the operators of its index: they may be in a schema that is not on
   * the search path, and the order of the rows must be the index's.
   *
   * @param name the column's name
   * @param type its type with the type modifier, as {@code format_type} prints it, for literals
   * @param collation the index's collation, quoted and with its schema; null for a type without
   * @param less the index's {@code <}, with its schema
   * @param greaterOrEqual the index's {@code >=}, with its schema
   * @param greater the index's {@code >}, with its schema
   */
  public record KeyColumn(
      String name,
      String type,
      @Nullable String collation,
      String less,
      String greaterOrEqual,
      String greater) {}

  /** Whether rows that are read in either way fit together. */
  boolean readsLike(TableShape other) {
    return table.equals(other.table)
        && partitioned == other.partitioned
        && columns.equals(other.columns)
        && key.equals(other.key)
        && Objects.equals(rowFilter, other.rowFilter)
        && keyType.equals(other.keyType)
        && columnTypes.equals(other.columnTypes);
  }

  /** The names of the key columns in the order of their index. */
  public List<String> keyNames() {
    return key.stream().map(KeyColumn::name).toList();
  }
}

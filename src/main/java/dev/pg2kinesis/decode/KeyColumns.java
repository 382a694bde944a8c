package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.Index;
import dev.pg2kinesis.change.Catalog.Table;
import dev.pg2kinesis.change.Column;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a table's key for a change that may be older than the catalog. What the plugin prints says
 * which columns identify the row; the catalog says in which order an index has them.
 *
 * <p>A key that the row has only in part is no key.
 */
final class KeyColumns {

  private KeyColumns() {}

  /**
   * The columns in the order of the index that they are.
   *
   * @param columns what the plugin says the index holds, in table order
   * @param first the kind of index to prefer if several have these columns
   * @return the columns in table order if there is no such index now
   */
  static List<String> inIndexOrder(Table table, List<String> columns, Preferred first) {
    Index exact = null;
    for (Index index : table.indexes()) {
      if (index.has(columns) && (exact == null || first.prefers(index))) {
        exact = index;
      }
    }
    return exact == null ? columns : exact.columns();
  }

  /** Which of several indexes of the same columns. */
  enum Preferred {
    PRIMARY_KEY,
    REPLICA_IDENTITY;

    private boolean prefers(Index index) {
      return this == REPLICA_IDENTITY && index.identity() == Index.Identity.NOW;
    }
  }

  /** The key, or no key if one of its columns is not there. */
  static List<String> ifAllThere(List<String> key, List<String> columns) {
    return columns.containsAll(key) ? key : List.of();
  }

  static List<String> names(List<Column> columns) {
    List<String> names = new ArrayList<>(columns.size());
    columns.forEach(column -> names.add(column.name()));
    return names;
  }
}

package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.Index;
import dev.pg2kinesis.change.Catalog.ReplicaIdentity;
import dev.pg2kinesis.change.Catalog.Table;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.decode.KeyColumns.Preferred;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key columns of the rows of one table, for the plugins that print no flags. An old row shows
 * which columns were the replica identity when it was written, and wal2json's format version 2
 * prints the primary key of that time. Everything else is the catalog's.
 *
 * <p>Rows with the same columns share one list of them, and the last answer is remembered for it.
 */
@SuppressWarnings("ReferenceEquality") // The same lists have the same key; others are looked at.
final class RowKeys {

  private final Table table;
  private @Nullable Answer lastOfRow;
  private @Nullable Answer lastOfOldRow;

  RowKeys(Table table) {
    this.table = table;
  }

  /** A key, and what it was found for. */
  private record Answer(List<Column> columns, @Nullable List<String> primaryKey, List<String> key) {

    private boolean fits(List<Column> asked, @Nullable List<String> printed) {
      return columns == asked && primaryKey == printed;
    }
  }

  /**
   * The key of a new row.
   *
   * @param primaryKey the columns of the primary key, as the plugin prints them, or null if it
   *     prints none
   */
  List<String> ofRow(Row row, @Nullable List<String> primaryKey) {
    Answer last = lastOfRow;
    if (last == null || !last.fits(row.columns(), primaryKey)) {
      List<String> columns = KeyColumns.names(row.columns());
      Table named = ColumnPlaces.named(table, columns);
      List<String> key =
          primaryKey == null ? ofToday(named, columns) : ofNewRow(named, columns, primaryKey);
      last = new Answer(row.columns(), primaryKey, key);
      lastOfRow = last;
    }
    return last.key();
  }

  /**
   * The key of a change that shows its old row.
   *
   * @param printed the old row as the plugin prints it
   * @param primaryKey as above
   */
  List<String> ofOldRow(Row printed, @Nullable List<String> primaryKey) {
    Answer last = lastOfOldRow;
    if (last == null || !last.fits(printed.columns(), primaryKey)) {
      List<String> columns = KeyColumns.names(printed.columns());
      Table named = ColumnPlaces.named(table, columns);
      last = new Answer(printed.columns(), primaryKey, ofOldRow(named, columns, primaryKey));
      lastOfOldRow = last;
    }
    return last.key();
  }

  private static List<String> ofOldRow(
      Table table, List<String> columns, @Nullable List<String> printedKey) {
    if (columns.isEmpty()) { // shows no identity, and so contradicts none
      return printedKey == null || printedKey.isEmpty()
          ? table.key()
          : KeyColumns.inIndexOrder(table, printedKey, Preferred.PRIMARY_KEY);
    }
    Index now = table.primaryKey();
    List<String> primaryKey =
        printedKey != null ? printedKey : now == null ? List.of() : now.columns();
    boolean hasKey = columns.containsAll(primaryKey);
    Index exact = table.indexOf(columns);
    if (exact != null && !(hasKey && table.full())) {
      return exact.columns();
    }
    if (printedKey == null) {
      return ofToday(table, columns);
    }
    if (printedKey.isEmpty()) {
      return ofNewRow(table, columns, printedKey);
    }
    // Neither all columns nor the primary key are those of a replica identity's index, since
    // dropped.
    return hasKey ? KeyColumns.inIndexOrder(table, printedKey, Preferred.PRIMARY_KEY) : columns;
  }

  /** The key as it is now. A row without columns contradicts none. */
  private static List<String> ofToday(Table table, List<String> columns) {
    return columns.isEmpty() ? table.key() : KeyColumns.ifAllThere(table.key(), columns);
  }

  private static List<String> ofNewRow(Table table, List<String> columns, List<String> printedKey) {
    Index now = table.primaryKey();
    boolean same = (now == null || now.deferrable()) ? printedKey.isEmpty() : now.has(printedKey);
    // A new row does not show the replica identity, nor wal2json a primary key that is deferrable.
    if (same && (printedKey.isEmpty() || table.identity() == ReplicaIdentity.INDEX)) {
      List<String> key = ofToday(table, columns);
      if (!key.isEmpty()) {
        return key;
      }
    }
    return KeyColumns.inIndexOrder(table, printedKey, Preferred.PRIMARY_KEY);
  }
}

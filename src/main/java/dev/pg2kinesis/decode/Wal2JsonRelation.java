package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table, and what the catalog adds to what wal2json says of its rows. */
final class Wal2JsonRelation {

  private final TableName name;
  private final TableView.Views views;
  private TableView table;

  /** The primary key that format version 2 prints with each change; null in version 1. */
  private @Nullable List<String> primaryKey;

  Wal2JsonRelation(TableName name, TableView.Views views, long xid) {
    this.name = name;
    this.views = views;
    this.table = views.of(xid);
  }

  TableName name() {
    return name;
  }

  /** Turns to the rows of a transaction. */
  void as(long xid) {
    table = views.of(xid);
  }

  /** The table as the transaction saw it. */
  TableView table() {
    return table;
  }

  /** Takes over the primary key that the plugin printed, until it prints another. */
  void primaryKey(List<String> columns) {
    primaryKey = List.copyOf(columns);
  }

  RowChange insert(Lsn lsn, Row row) {
    return new RowChange(
        lsn, Operation.INSERT, name, table.keys().ofRow(row, primaryKey), null, row);
  }

  /**
   * An update.
   *
   * @param present the new row without its unchanged TOASTed values
   * @param identity the old values of the replica identity as the plugin prints them, which are
   *     those of the new row if it did not change; null if there are none
   */
  RowChange update(Lsn lsn, Row present, @Nullable Row identity) {
    Row after = table.withUnchanged(present);
    if (identity == null) {
      List<String> key = table.keys().ofRow(after, primaryKey);
      return new RowChange(lsn, Operation.UPDATE, name, key, null, after);
    }
    after =
        after.columns().size() > present.columns().size() ? withTypesOf(identity, after) : after;
    List<String> key = table.keys().ofOldRow(identity, primaryKey);
    Row old = primaryKey == null ? table.withNulls(identity, after.columns()) : identity;
    Row before = isWhole(identity, old, after) || !isKept(old, after) ? old : null;
    return new RowChange(lsn, Operation.UPDATE, name, key, before, after);
  }

  /**
   * The new row, in which columns that were not printed have the types of the old row instead of
   * today's. Both rows are in table order.
   */
  private static Row withTypesOf(Row old, Row after) {
    List<Column> columns = after.columns();
    int next = 0;
    for (int i = 0; i < after.columns().size() && next < old.columns().size(); i++) {
      Column then = old.columns().get(next);
      if (then.name().equals(after.columns().get(i).name())) {
        next++;
        if (!then.equals(columns.get(i))) {
          columns = new ArrayList<>(columns);
          columns.set(i, then);
        }
      }
    }
    return new Row(columns, after.values());
  }

  /**
   * A delete.
   *
   * @param identity the old values of the replica identity as the plugin prints them; null if there
   *     are none
   */
  RowChange delete(Lsn lsn, @Nullable Row identity) {
    Row printed = identity == null ? new Row(List.of(), List.of()) : identity;
    List<String> key = table.keys().ofOldRow(printed, primaryKey);
    // Format version 1 leaves out the NULLs of whole rows.
    Row old = primaryKey == null ? table.withNulls(printed) : printed;
    return new RowChange(lsn, Operation.DELETE, name, key, old, null);
  }

  /** Whether the old row is there because of REPLICA IDENTITY FULL, whatever changed. */
  private boolean isWhole(Row identity, Row old, Row after) {
    return old.columns().size() == after.columns().size()
        && (table.isWhole(identity)
            || (primaryKey != null && primaryKey.size() < old.columns().size()));
  }

  /** Whether the new row has all the values of the old one, both being in table order. */
  private static boolean isKept(Row old, Row after) {
    List<Column> columns = after.columns();
    int at = 0;
    for (int i = 0; i < old.columns().size(); i++) {
      while (at < columns.size() && !columns.get(at).equals(old.columns().get(i))) {
        at++;
      }
      if (at == columns.size() || !after.values().get(at).equals(old.values().get(i))) {
        return false;
      }
    }
    return true;
  }
}

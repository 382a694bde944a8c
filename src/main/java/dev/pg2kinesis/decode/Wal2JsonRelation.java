package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table, and what the catalog adds to what wal2json says of its rows. */
final class Wal2JsonRelation {

  private final TableName name;
  private final Catalog.@Nullable Table table;
  private List<String> key;

  Wal2JsonRelation(TableName name, Catalog.@Nullable Table table) {
    this.name = name;
    this.table = table;
    this.key = table == null ? List.of() : table.key();
  }

  TableName name() {
    return name;
  }

  boolean isVirtual(String column) {
    return table != null && table.virtual().contains(column);
  }

  /** Takes over the primary key that the plugin printed, if the catalog does not know the table. */
  void primaryKey(List<String> columns) {
    if (table == null) {
      key = List.copyOf(columns);
    }
  }

  RowChange insert(Lsn lsn, Row row) {
    return new RowChange(lsn, Operation.INSERT, name, key, null, row);
  }

  /**
   * An update.
   *
   * @param present the new row without its unchanged TOASTed values
   * @param identity the old values of the replica identity, which are those of the new row if it
   *     did not change; null where there are none
   */
  RowChange update(Lsn lsn, Row present, @Nullable Row identity) {
    Row after = table == null ? present : MissingColumns.unchanged(present, table.columns());
    return new RowChange(lsn, Operation.UPDATE, name, key, before(identity, after), after);
  }

  RowChange delete(Lsn lsn, @Nullable Row identity) {
    return new RowChange(
        lsn,
        Operation.DELETE,
        name,
        key,
        identity == null ? new Row(List.of(), List.of()) : identity,
        null);
  }

  /** The old row with the NULLs that format version 1 leaves out under REPLICA IDENTITY FULL. */
  Row whole(Row old) {
    return table != null && table.full() ? MissingColumns.nulls(old, table.columns()) : old;
  }

  private @Nullable Row before(@Nullable Row identity, Row after) {
    if (identity == null) {
      return null;
    }
    boolean full =
        table != null && table.full() && identity.columns().size() == after.columns().size();
    return full || !isKept(identity, after) ? identity : null;
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

package dev.pg2kinesis.decode;

import static dev.pg2kinesis.change.Catalog.isOlder;

import dev.pg2kinesis.change.Catalog.Attribute;
import dev.pg2kinesis.change.Catalog.Attribute.State;
import dev.pg2kinesis.change.Catalog.Table;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog adds to the rows of one table that a text plugin prints, for transactions that
 * saw the table alike: types, keys, and the columns that are not printed.
 */
final class TableView {

  private final Table table;
  private final NamedTypes types;
  private final RowKeys keys;
  private final MissingColumns nulls;
  private final MissingColumns unchanged;

  /**
   * @param table the table as of the transactions
   */
  TableView(Table table, NamedTypes types) {
    this.table = table;
    this.types = types;
    this.keys = new RowKeys(table);
    this.nulls = MissingColumns.nulls(table.attributes());
    this.unchanged = MissingColumns.unchanged(table.attributes());
  }

  /**
   * A column.
   *
   * @param type the name of its type at the time, without a modifier
   */
  Column column(String name, String type) {
    for (Attribute attribute : table.attributes()) {
      if (attribute.state() == State.SAME && attribute.column().name().equals(name)) {
        Type now = attribute.column().type();
        if (now instanceof Type.Array == type.endsWith("[]")) {
          return new Column(name, now.name().equals(type) ? now : now.renamed(type));
        }
      }
    }
    return new Column(name, types.type(type));
  }

  boolean isVirtual(String column) {
    return table.virtual().contains(column);
  }

  RowKeys keys() {
    return keys;
  }

  /** A new row with its unchanged TOASTed values. */
  Row withUnchanged(Row row) {
    return unchanged.fill(row);
  }

  /** A deleted row with the NULLs that {@code REPLICA IDENTITY FULL} leaves out. */
  Row withNulls(Row old) {
    return isWhole(old) ? nulls.fill(old) : old;
  }

  /**
   * The old row of an update with the NULLs that {@code REPLICA IDENTITY FULL} leaves out.
   *
   * @param columns those of the new row, which are all that the table had
   */
  Row withNulls(Row old, List<Column> columns) {
    return isWhole(old) ? MissingColumns.nullsOf(old, columns) : old;
  }

  /**
   * Whether an old row is a whole row without its NULLs. If the replica identity was altered since,
   * a column that can be NULL tells, since no replica identity's index has one. Without such a
   * column the row is taken to be a key if an index has exactly its columns.
   */
  boolean isWhole(Row old) {
    if (table.alteredBy() == null) {
      return table.full();
    }
    List<String> columns = KeyColumns.names(old.columns());
    return hasNullable(columns) || (table.full() && table.indexOf(columns) == null);
  }

  private boolean hasNullable(List<String> columns) {
    return table.attributes().stream()
        .anyMatch(
            attribute ->
                attribute.state() == State.SAME
                    && !attribute.notNull()
                    && columns.contains(attribute.column().name()));
  }

  /** The views of one table. */
  static final class Views {

    private final Table table;
    private final NamedTypes types;
    private final @Nullable Long lastAlteredBy;

    /** For transactions that came after the last alteration. */
    private @Nullable TableView now;

    /** For the one that was asked for last of those that did not. */
    private @Nullable TableView then;

    private long thenXid;

    Views(Table table, NamedTypes types) {
      this.table = table;
      this.types = types;
      this.lastAlteredBy = table.lastAlteredBy();
    }

    /** What a transaction saw. */
    TableView of(long xid) {
      if (isOlder(lastAlteredBy, xid)) {
        if (now == null) {
          now = new TableView(table.asOf(xid), types);
        }
        return now;
      }
      if (then == null || thenXid != xid) {
        then = new TableView(table.asOf(xid), types);
        thenXid = xid;
      }
      return then;
    }
  }
}

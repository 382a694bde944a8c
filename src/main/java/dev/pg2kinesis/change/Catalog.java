package dev.pg2kinesis.change;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the database's catalog says of its tables and types: a snapshot taken before a peek, for the
 * things that an output plugin does not print.
 *
 * @param tables the tables by name
 * @param types names of user-defined types by object id, as {@code format_type} prints them
 * @param money how amounts of money are written in the database
 */
public record Catalog(Map<TableName, Table> tables, Map<Integer, String> types, Money money) {

  /** A catalog that knows nothing. */
  public static final Catalog EMPTY = new Catalog(Map.of(), Map.of());

  /** A catalog of a database whose amounts of money have two decimals. */
  public Catalog(Map<TableName, Table> tables, Map<Integer, String> types) {
    this(tables, types, Money.TWO_DECIMALS);
  }

  /** The table of that name, or null where it was dropped since, or created after the snapshot. */
  public @Nullable Table table(TableName name) {
    return tables.get(name);
  }

  /**
   * A table.
   *
   * @param key names of the key columns in key order: those of the replica identity index, else of
   *     the primary key; empty where it has neither
   * @param full whether it has {@code REPLICA IDENTITY FULL}
   * @param columns all columns but the virtual ones, in table order: of a table with {@code REPLICA
   *     IDENTITY FULL}, whose old rows come without NULLs, and for wal2json, which leaves out
   *     unchanged TOAST, of every table; otherwise empty
   * @param virtual names of virtual generated columns (PostgreSQL 18 and newer), which the text
   *     plugins print as NULL since the WAL does not hold them
   */
  public record Table(List<String> key, boolean full, List<Column> columns, List<String> virtual) {

    /** A table without virtual generated columns. */
    public Table(List<String> key, boolean full, List<Column> columns) {
      this(key, full, columns, List.of());
    }
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.decode.Plugin;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@link Catalog}. PostgreSQL documentation, chapter "System Catalogs". */
final class CatalogQuery {

  /**
   * One row for each key column of each table ('k'), for each table without one ('t'), for each
   * virtual generated column ('v'), and for each other column that the plugin needs ('c').
   */
  private static final String TABLES =
      """
      WITH t AS (
        SELECT c.oid, n.nspname, c.relname, c.relreplident
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))
      SELECT t.nspname, t.relname, t.relreplident = 'f', CASE WHEN a.attname IS NULL THEN 't' ELSE 'k' END,
        a.attname, NULL::text, k.position
      FROM t
        LEFT JOIN pg_index i ON i.indrelid = t.oid
          AND CASE t.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
        LEFT JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
          ON k.position <= i.indnkeyatts
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
      UNION ALL
      SELECT t.nspname, t.relname, t.relreplident = 'f', CASE WHEN ${virtual} THEN 'v' ELSE 'c' END,
        a.attname, format_type(a.atttypid, NULL), a.attnum
      FROM t JOIN pg_attribute a ON a.attrelid = t.oid
      WHERE a.attnum > 0 AND NOT a.attisdropped AND (${needed} OR ${virtual})
      ORDER BY 1, 2, 4, 7
      """;

  /** User-defined types, but not the row types of tables and their arrays: they are many. */
  private static final String TYPES =
      """
      SELECT t.oid, format_type(t.oid, NULL)
      FROM pg_type t
        LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
        LEFT JOIN pg_class c ON c.oid = CASE WHEN e.oid IS NULL THEN t.typrelid ELSE e.typrelid END
      WHERE t.oid >= 16384 AND (c.oid IS NULL OR c.relkind = 'c')
      """;

  private CatalogQuery() {}

  static Catalog read(Session session, Plugin plugin) throws SQLException {
    return new Catalog(
        tables(session, plugin),
        plugin == Plugin.PGOUTPUT ? types(session) : Map.of(),
        MoneyQuery.read(session));
  }

  private static Map<TableName, Catalog.Table> tables(Session session, Plugin plugin)
      throws SQLException {
    String sql =
        TABLES
            .replace("${needed}", plugin.isWal2Json() ? "true" : "t.relreplident = 'f'")
            .replace("${virtual}", session.version() >= 180_000 ? "a.attgenerated = 'v'" : "false");
    Map<TableName, Catalog.Table> tables = new HashMap<>();
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        boolean full = rows.getBoolean(3);
        Catalog.Table table =
            tables.computeIfAbsent(
                new TableName(rows.getString(1), rows.getString(2)),
                name ->
                    new Catalog.Table(
                        new ArrayList<>(), full, new ArrayList<>(), new ArrayList<>()));
        switch (rows.getString(4)) {
          case "k" -> table.key().add(rows.getString(5));
          case "c" -> table.columns().add(new Column(rows.getString(5), rows.getString(6)));
          case "v" -> table.virtual().add(rows.getString(5));
          default -> {} // a table without a key
        }
      }
    }
    tables.replaceAll(
        (name, table) ->
            new Catalog.Table(
                List.copyOf(table.key()),
                table.full(),
                List.copyOf(table.columns()),
                List.copyOf(table.virtual())));
    return Map.copyOf(tables);
  }

  private static Map<Integer, String> types(Session session) throws SQLException {
    Map<Integer, String> types = new HashMap<>();
    try (PreparedStatement statement = session.prepare(TYPES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        types.put((int) rows.getLong(1), rows.getString(2));
      }
    }
    return Map.copyOf(types);
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Catalog.Attribute;
import dev.pg2kinesis.change.Catalog.Attribute.State;
import dev.pg2kinesis.change.Catalog.Index;
import dev.pg2kinesis.change.Catalog.ReplicaIdentity;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.decode.Plugin;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Catalog}. PostgreSQL documentation, chapter "System Catalogs". */
final class CatalogQuery {

  /**
   * The transaction that wrote a row of the catalog, or null if it is older than every change that
   * the slot can still deliver: it is older than {@code catalog_xmin}, which the slot takes from a
   * position that is confirmed and where all older transactions had ended. An age below 0 is that
   * of a row so old that the numbers have come round since.
   */
  private static final String WRITTEN_BY =
      """
      CASE WHEN age(${row}.xmin) BETWEEN 0 AND
          coalesce((SELECT age(catalog_xmin) FROM pg_replication_slots WHERE slot_name = ?), 2147483647)
        THEN ${row}.xmin::text::bigint END""";

  /**
   * The transaction that altered a table without rewriting it; a rewrite (TRUNCATE, VACUUM FULL)
   * also alters its indexes and its TOAST table. Every table has a column {@code ctid}, whose row
   * of the catalog is as old as the table.
   */
  private static final String ALTERED_BY =
      """
      CASE WHEN c.xmin <> o.xmin AND NOT EXISTS (
          SELECT FROM pg_class k LEFT JOIN pg_index x ON x.indexrelid = k.oid
          WHERE k.xmin = c.xmin AND (k.oid = c.reltoastrelid OR x.indrelid = c.oid))
        THEN ${written by c} END""";

  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relreplident, ${altered by}
      FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'ctid'
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      """;

  /**
   * The primary keys, and the other indexes that are or could be a replica identity. One that was
   * the replica identity until it was given up was altered after it was created, together with the
   * table or the index that is the replica identity now.
   */
  private static final String INDEXES =
      """
      SELECT i.indrelid, i.indisprimary,
        CASE WHEN i.indisreplident THEN 'NOW'
          WHEN i.xmin <> o.xmin AND (i.xmin = t.xmin OR i.xmin = r.xmin) THEN 'BEFORE'
          ELSE 'NONE' END,
        NOT i.indimmediate,
        ${written by i},
        ARRAY(
          SELECT a.attname::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.place <= i.indnkeyatts
          ORDER BY k.place)
      FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_attribute o ON o.attrelid = i.indexrelid AND o.attnum = 1
        LEFT JOIN pg_index r ON r.indrelid = i.indrelid AND r.indisreplident
      WHERE i.indrelid >= 16384 AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indimmediate OR i.indisprimary)
      ORDER BY i.indrelid, i.indisprimary DESC, i.indisreplident DESC, c.relname
      """;

  /** Columns of tables that need them, and of all tables of which a column was altered lately. */
  private static final String ATTRIBUTES =
      """
      WITH a AS (
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attnotnull, a.attlen, a.attisdropped,
          ${virtual} AS virtual, c.relreplident,
          CASE WHEN a.xmin <> o.xmin THEN ${written by a} END AS altered_by,
          ${altered by} AS table_altered_by
        FROM pg_attribute a
          JOIN pg_attribute o ON o.attrelid = a.attrelid AND o.attname = 'ctid'
          JOIN pg_class c ON c.oid = a.attrelid
        WHERE a.attrelid >= 16384 AND a.attnum > 0
          AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p')
      SELECT attrelid, attname, atttypid, format_type(atttypid, NULL), attnotnull, attlen = -1,
        attisdropped, altered_by, virtual
      FROM a
      WHERE ${needed} OR virtual
        OR attrelid IN (SELECT attrelid FROM a WHERE altered_by IS NOT NULL)
      ORDER BY attrelid, attnum
      """;

  private static final Pattern PLACE = Pattern.compile("\\$\\{written by (\\w)\\}");

  private final Session session;
  private final Plugin plugin;
  private final String slot;

  private CatalogQuery(Session session, Plugin plugin, String slot) {
    this.session = session;
    this.plugin = plugin;
    this.slot = slot;
  }

  static Catalog read(Session session, Plugin plugin, String slot) throws SQLException {
    CatalogQuery query = new CatalogQuery(session, plugin, slot);
    TypeQuery types = TypeQuery.read(session);
    Map<Integer, TableName> names = new HashMap<>();
    Map<TableName, Catalog.Table> tables = query.tables(types, names);
    return new Catalog(tables, Map.copyOf(names), types.userTypes(), MoneyQuery.read(session));
  }

  private Map<TableName, Catalog.Table> tables(TypeQuery types, Map<Integer, TableName> names)
      throws SQLException {
    Map<Integer, List<Index>> indexes = indexes();
    Map<Integer, Columns> columns = columns(types);
    Map<TableName, Catalog.Table> tables = new HashMap<>();
    try (PreparedStatement statement = prepare(TABLES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        int oid = (int) rows.getLong(1);
        Columns ofTable = columns.getOrDefault(oid, Columns.NONE);
        TableName name = new TableName(rows.getString(2), rows.getString(3));
        names.put(oid, name);
        tables.put(
            name,
            new Catalog.Table(
                identity(rows.getString(4)),
                number(rows, 5),
                List.copyOf(indexes.getOrDefault(oid, List.of())),
                List.copyOf(ofTable.attributes()),
                List.copyOf(ofTable.virtual())));
      }
    }
    return Map.copyOf(tables);
  }

  /** Prepares one of the statements that say by whom rows of the catalog were written. */
  private PreparedStatement prepare(String sql) throws SQLException {
    StringBuilder all = new StringBuilder();
    List<Object> slots = new ArrayList<>();
    Matcher place = PLACE.matcher(sql.replace("${altered by}", ALTERED_BY));
    while (place.find()) {
      place.appendReplacement(
          all, Matcher.quoteReplacement(WRITTEN_BY.replace("${row}", place.group(1))));
      slots.add(slot);
    }
    return session.prepare(place.appendTail(all).toString(), slots.toArray());
  }

  private static @Nullable Long number(ResultSet rows, int column) throws SQLException {
    long number = rows.getLong(column);
    return rows.wasNull() ? null : number;
  }

  private static ReplicaIdentity identity(String relreplident) {
    return switch (relreplident) {
      case "i" -> ReplicaIdentity.INDEX;
      case "f" -> ReplicaIdentity.FULL;
      case "n" -> ReplicaIdentity.NOTHING;
      default -> ReplicaIdentity.DEFAULT;
    };
  }

  private Map<Integer, List<Index>> indexes() throws SQLException {
    Map<Integer, List<Index>> indexes = new HashMap<>();
    try (PreparedStatement statement = prepare(INDEXES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        indexes
            .computeIfAbsent((int) rows.getLong(1), oid -> new ArrayList<>())
            .add(
                new Index(
                    strings(rows.getArray(6)),
                    rows.getBoolean(2),
                    Index.Identity.valueOf(rows.getString(3)),
                    rows.getBoolean(4),
                    number(rows, 5)));
      }
    }
    return indexes;
  }

  private static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  /** The columns of a table. */
  private record Columns(List<Attribute> attributes, List<String> virtual) {
    private static final Columns NONE = new Columns(List.of(), List.of());
  }

  private Map<Integer, Columns> columns(TypeQuery types) throws SQLException {
    String sql =
        ATTRIBUTES
            .replace("${needed}", needed())
            .replace("${virtual}", session.version() >= 180_000 ? "a.attgenerated = 'v'" : "false");
    Map<Integer, Columns> columns = new HashMap<>();
    try (PreparedStatement statement = prepare(sql);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        Columns ofTable =
            columns.computeIfAbsent(
                (int) rows.getLong(1), oid -> new Columns(new ArrayList<>(), new ArrayList<>()));
        String name = rows.getString(2);
        if (rows.getBoolean(9)) {
          ofTable.virtual().add(name);
        } else {
          Type type = types.type((int) rows.getLong(3), rows.getString(4));
          ofTable
              .attributes()
              .add(
                  new Attribute(
                      new Column(name, type),
                      rows.getBoolean(5),
                      rows.getBoolean(6),
                      rows.getBoolean(7) ? State.DROPPED : State.SAME,
                      number(rows, 8)));
        }
      }
    }
    return columns;
  }

  /** Which columns the plugin's decoder needs in any case. */
  private String needed() {
    return switch (plugin) {
      case PGOUTPUT -> "false";
      case TEST_DECODING ->
          "relreplident = 'f' OR atttypid >= 10000 OR table_altered_by IS NOT NULL";
      case WAL2JSON, WAL2JSON_V1 -> "true";
    };
  }
}

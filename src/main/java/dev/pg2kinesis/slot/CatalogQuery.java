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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Catalog}. PostgreSQL documentation, chapter "System Catalogs". */
final class CatalogQuery {

  /**
   * Whether a row of the catalog may be younger than a change that waits. It is not if it is older
   * than {@code catalog_xmin}, which the slot takes from a position that is confirmed and where all
   * older transactions had ended. An age below 0 is that of a row so old that the numbers have come
   * round since. This is asked first, because it leaves few rows for the questions that look at
   * others.
   */
  private static final String RECENT =
      """
      age(${row}.xmin) BETWEEN 0 AND coalesce(
        (SELECT age(catalog_xmin) FROM pg_replication_slots WHERE slot_name = ?), 2147483647)""";

  /** Every table has a column {@code ctid}, whose row of the catalog is as old as the table. */
  private static final String CREATED_BY =
      """
      (SELECT o.xmin FROM pg_attribute o WHERE o.attrelid = ${table} AND o.attname = 'ctid')""";

  /**
   * The transaction that altered a table without rewriting it, or null. A rewrite (TRUNCATE, VACUUM
   * FULL) also alters its indexes and its TOAST table.
   */
  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relreplident, ${altered}
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      """;

  private static final String TABLE_ALTERED_BY =
      """
      CASE WHEN ${recent c} THEN
        CASE WHEN c.xmin <> ${created c.oid} AND NOT EXISTS (
            SELECT FROM pg_class k LEFT JOIN pg_index x ON x.indexrelid = k.oid
            WHERE k.xmin = c.xmin AND (k.oid = c.reltoastrelid OR x.indrelid = c.oid))
          THEN c.xmin::text::bigint END END""";

  /**
   * The primary keys, and the other indexes that are or could be a replica identity, with a row for
   * each of their columns. One that was the replica identity until it was given up was altered
   * after it was created, together with the table or the index that is the replica identity now.
   */
  private static final String INDEXES =
      """
      SELECT i.indexrelid, i.indrelid, i.indisprimary,
        CASE WHEN i.indisreplident THEN 'NOW' WHEN ${recent i} THEN
            CASE WHEN i.xmin <> (SELECT o.xmin FROM pg_attribute o
                WHERE o.attrelid = i.indexrelid AND o.attnum = 1)
              AND (i.xmin = (SELECT t.xmin FROM pg_class t WHERE t.oid = i.indrelid)
                OR EXISTS (SELECT FROM pg_index r
                  WHERE r.indrelid = i.indrelid AND r.indisreplident AND r.xmin = i.xmin))
            THEN 'BEFORE' ELSE 'NONE' END
          ELSE 'NONE' END,
        NOT i.indimmediate,
        CASE WHEN ${recent i} THEN i.xmin::text::bigint END,
        a.attname
      FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid >= 16384 AND i.indisunique AND i.indisvalid AND k.place <= i.indnkeyatts
        AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indimmediate OR i.indisprimary)
      ORDER BY i.indrelid, i.indisprimary DESC, i.indisreplident DESC, c.relname, k.place
      """;

  /** Columns of tables that need them, and of all tables of which a column was altered lately. */
  private static final String ATTRIBUTES =
      """
      WITH recent AS (
        SELECT DISTINCT a.attrelid FROM pg_attribute a
        WHERE a.attrelid >= 16384 AND a.attnum > 0
          AND CASE WHEN ${recent a} THEN a.xmin <> ${created a.attrelid} END)
      SELECT a.attrelid, a.attname, a.atttypid, format_type(a.atttypid, NULL), a.attnotnull,
        a.attlen = -1, a.attisdropped,
        CASE WHEN ${recent a} THEN
          CASE WHEN a.xmin <> ${created a.attrelid} THEN a.xmin::text::bigint END END,
        ${virtual}
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.attrelid >= 16384 AND a.attnum > 0
        AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
        AND (${needed} OR ${virtual} OR a.attrelid IN (SELECT attrelid FROM recent))
      ORDER BY a.attrelid, a.attnum
      """;

  private static final Pattern RECENT_ROW = Pattern.compile("\\$\\{recent (\\w)\\}");
  private static final Pattern CREATED_TABLE = Pattern.compile("\\$\\{created ([a-z.]+)\\}");

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
    String altered = sql.replace("${altered}", TABLE_ALTERED_BY);
    String created =
        CREATED_TABLE
            .matcher(altered)
            .replaceAll(table -> CREATED_BY.replace("${table}", table.group(1)));
    Object[] slots = RECENT_ROW.matcher(created).results().map(place -> slot).toArray();
    String all =
        RECENT_ROW.matcher(created).replaceAll(row -> RECENT.replace("${row}", row.group(1)));
    return session.prepare(all, slots);
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
      long last = 0;
      List<String> columns = List.of();
      while (rows.next()) {
        if (rows.getLong(1) != last) {
          last = rows.getLong(1);
          columns = new ArrayList<>(1);
          indexes
              .computeIfAbsent((int) rows.getLong(2), oid -> new ArrayList<>(1))
              .add(
                  new Index(
                      columns,
                      rows.getBoolean(3),
                      Index.Identity.valueOf(rows.getString(4)),
                      rows.getBoolean(5),
                      number(rows, 6)));
        }
        columns.add(rows.getString(7));
      }
    }
    indexes.replaceAll(
        (oid, all) -> all.stream().map(index -> index.renamed(Map.of())).toList()); // immutable
    return indexes;
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
      case TEST_DECODING -> "c.relreplident = 'f' OR a.atttypid >= 10000 OR ${altered} IS NOT NULL";
      case WAL2JSON, WAL2JSON_V1 -> "true";
    };
  }
}

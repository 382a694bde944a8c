package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.TableShape.KeyColumn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog says of tables that a snapshot may read. PostgreSQL documentation, chapter
 * "System Catalogs".
 */
final class TableQuery {

  /** Types below are built in, and their names say all; see {@link TypeQuery}. */
  private static final long FIRST_USER_TYPE = 10_000;

  private static final String CANDIDATES =
      """
      SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence <> 'p', c.relreplident = 'n',
        c.reltuples::int8,
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid
          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END),
        ${published},
        has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
        row_security_active(c.oid),
        ARRAY (SELECT an.nspname FROM ${ancestors} a JOIN pg_class ac ON ac.oid = a.relid
          JOIN pg_namespace an ON an.oid = ac.relnamespace WHERE a.relid <> c.oid ORDER BY ac.oid),
        ARRAY (SELECT ac.relname FROM ${ancestors} a JOIN pg_class ac ON ac.oid = a.relid
          WHERE a.relid <> c.oid ORDER BY ac.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname !~ '^pg_temp_|^pg_toast_temp_'
      ORDER BY 1, 2
      """;

  /** pgoutput shows a table under the name that {@code pg_publication_tables} gives. */
  private static final String PUBLISHED =
      """
      (SELECT coalesce(bool_or(p.pubinsert) AND bool_or(p.pubupdate) AND bool_or(p.pubdelete)
          AND bool_or(p.pubtruncate), false)
        FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname
        WHERE p.pubname = ANY (string_to_array(?, ',')) AND t.schemaname = n.nspname
          AND t.tablename = c.relname)
      """;

  private static final String TABLE =
      """
      SELECT c.oid::int8, c.relkind = 'p', c.reltuples::int8
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
      """;

  /** A table that has left the publications is not there: its changes would not follow. */
  private static final String AND_PUBLISHED =
      """
      AND EXISTS (SELECT FROM pg_publication_tables t
        WHERE t.pubname = ANY (string_to_array(?, ',')) AND t.schemaname = n.nspname
          AND t.tablename = c.relname)
      """;

  private static final String COLUMNS =
      """
      SELECT a.attname, format_type(a.atttypid, NULL),
        a.attnum || ':' || a.atttypid || '/' || a.atttypmod, a.atttypid::int8
      FROM pg_attribute a
      WHERE a.attrelid = ?::int8 AND a.attnum > 0 AND NOT a.attisdropped AND ${shown}
      ORDER BY a.attnum
      """;

  private static final String PUBLISHED_COLUMNS =
      """
      a.attname = ANY (ARRAY (SELECT unnest(t.attnames) FROM pg_publication_tables t
        WHERE t.pubname = ANY (string_to_array(?, ',')) AND t.schemaname = ? AND t.tablename = ?))
      """;

  /** One row for each publication of the table: publications without a filter publish all rows. */
  private static final String ROW_FILTERS =
      """
      SELECT t.rowfilter FROM pg_publication_tables t
      WHERE t.pubname = ANY (string_to_array(?, ',')) AND t.schemaname = ? AND t.tablename = ?
      ORDER BY t.pubname
      """;

  /** The operators of a B-tree's strategies 1, 4 and 5 are less, at least, and greater. */
  private static final String KEY =
      """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod),
        (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
          FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
          WHERE co.oid = k.order_collation),
        ${operator}1), ${operator}4), ${operator}5)
      FROM pg_class c
        JOIN pg_index i ON i.indrelid = c.oid
          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
        JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
          WITH ORDINALITY AS k (attnum, operator_class, order_collation, position) ON k.position <= i.indnkeyatts
        JOIN pg_opclass o ON o.oid = k.operator_class
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE c.oid = ?::int8
      ORDER BY k.position
      """;

  private static final String OPERATOR =
      """
      (SELECT quote_ident(pn.nspname) || '.' || p.oprname
        FROM pg_amop m JOIN pg_operator p ON p.oid = m.amopopr
          JOIN pg_namespace pn ON pn.oid = p.oprnamespace
        WHERE m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype
          AND m.amoprighttype = o.opcintype AND m.amopstrategy =\s""";

  private final Session session;
  private final Plugin plugin;
  private final String publications;

  /**
   * @param publications the names of a pgoutput slot's publications, separated by commas
   */
  TableQuery(Session session, Plugin plugin, String publications) {
    this.session = session;
    this.plugin = plugin;
    this.publications = publications;
  }

  /** All tables, views and foreign tables of the database, without the system's. */
  List<TableCandidate> candidates() throws SQLException {
    boolean pgoutput = plugin == Plugin.PGOUTPUT;
    String ancestors =
        session.version() >= 120_000
            ? "pg_partition_ancestors(c.oid)"
            : "(SELECT inhparent FROM pg_inherits WHERE inhrelid = c.oid)";
    String sql =
        CANDIDATES
            .replace("${published}", pgoutput ? PUBLISHED : "c.relkind = 'r'")
            .replace("${ancestors}", ancestors + " AS a (relid)")
            .replace("AS a (relid) a", "AS a (relid)");
    List<TableCandidate> candidates = new ArrayList<>();
    try (PreparedStatement statement =
            pgoutput ? session.prepare(sql, publications) : session.prepare(sql);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        candidates.add(candidate(rows));
      }
    }
    return candidates;
  }

  private static TableCandidate candidate(ResultSet row) throws SQLException {
    String[] schemas = (String[]) row.getArray(11).getArray();
    String[] names = (String[]) row.getArray(12).getArray();
    List<TableName> ancestors = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      ancestors.add(new TableName(schemas[i], names[i]));
    }
    return new TableCandidate(
        new TableName(row.getString(1), row.getString(2)),
        ancestors,
        row.getLong(6),
        row.getBoolean(7),
        row.getBoolean(5),
        row.getBoolean(4),
        row.getString(3),
        row.getBoolean(8),
        row.getBoolean(9),
        row.getBoolean(10));
  }

  /** How the table's rows are read, or null if there is no such table, or it is not published. */
  @Nullable TableShape shape(TableName table) throws SQLException {
    try (PreparedStatement statement =
            plugin == Plugin.PGOUTPUT
                ? session.prepare(TABLE + AND_PUBLISHED, table.schema(), table.name(), publications)
                : session.prepare(TABLE, table.schema(), table.name());
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      long oid = row.getLong(1);
      List<Column> columns = new ArrayList<>();
      List<String> types = new ArrayList<>();
      columns(table, oid, columns, types);
      List<KeyColumn> key = key(oid);
      return new TableShape(
          table,
          row.getBoolean(2),
          List.copyOf(columns),
          key,
          rowFilter(table),
          row.getLong(3),
          oid + " " + key,
          String.join(" ", types));
    }
  }

  private void columns(TableName table, long oid, List<Column> columns, List<String> types)
      throws SQLException {
    boolean listed = plugin == Plugin.PGOUTPUT && session.version() >= 150_000;
    String sql =
        COLUMNS.replace("${shown}", listed ? PUBLISHED_COLUMNS + " AND " + shown() : shown());
    @Nullable TypeQuery userTypes = null; // many tables need none
    try (PreparedStatement statement =
            listed
                ? session.prepare(sql, oid, publications, table.schema(), table.name())
                : session.prepare(sql, oid);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        long type = rows.getLong(4);
        if (type >= FIRST_USER_TYPE && userTypes == null) {
          userTypes = TypeQuery.read(session);
        }
        String typeName = rows.getString(2);
        columns.add(
            new Column(
                rows.getString(1),
                userTypes == null ? Type.named(typeName) : userTypes.type((int) type, typeName)));
        types.add(rows.getString(3));
      }
    }
  }

  /**
   * The WAL leaves out virtual columns. Before PostgreSQL 18 pgoutput leaves out all generated
   * ones, although {@code pg_publication_tables} may name them.
   */
  private String shown() {
    if (session.version() >= 180_000) {
      return "a.attgenerated <> 'v'";
    }
    return plugin == Plugin.PGOUTPUT && session.version() >= 120_000
        ? "a.attgenerated = ''"
        : "true";
  }

  private @Nullable String rowFilter(TableName table) throws SQLException {
    if (plugin != Plugin.PGOUTPUT || session.version() < 150_000) {
      return null;
    }
    List<String> filters = new ArrayList<>();
    try (PreparedStatement statement =
            session.prepare(ROW_FILTERS, publications, table.schema(), table.name());
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        String filter = rows.getString(1);
        if (filter == null) {
          return null;
        }
        filters.add("(" + filter + ")");
      }
    }
    return filters.isEmpty() ? null : String.join(" OR ", filters);
  }

  private List<KeyColumn> key(long oid) throws SQLException {
    List<KeyColumn> key = new ArrayList<>();
    String sql = KEY.replace("${operator}", OPERATOR);
    try (PreparedStatement statement = session.prepare(sql, oid);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        key.add(
            new KeyColumn(
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getString(5),
                rows.getString(6)));
      }
    }
    return List.copyOf(key);
  }
}

package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.postgres.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads slots of a test server with the session settings that the product pins. */
final class SlotSession implements AutoCloseable {

  private static final String KEYS =
      """
      SELECT n.nspname, c.relname, c.relreplident = 'f',
             coalesce((SELECT string_agg(a.attname, chr(1) ORDER BY k.position)
                         FROM pg_index i
                         CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(number, position)
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                        WHERE i.indrelid = c.oid AND k.position <= i.indnkeyatts
                          AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident
                                   ELSE i.indisprimary END), ''),
             coalesce((SELECT string_agg(a.attname || chr(1) || format_type(a.atttypid, NULL),
                                         chr(1) ORDER BY a.attnum)
                         FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      """;

  private final Connection connection;

  SlotSession(PostgresServer server, String database) throws SQLException {
    connection = server.connect(database);
    try (Statement statement = connection.createStatement()) {
      for (String setting :
          List.of(
              "TimeZone = 'UTC'",
              "DateStyle = 'ISO'",
              "IntervalStyle = 'postgres'",
              "bytea_output = 'hex'",
              "extra_float_digits = " + (server.major() < 12 ? 3 : 1),
              "search_path = ''")) {
        statement.execute("SET " + setting);
      }
    }
  }

  void createSlot(String slot, Plugin plugin) throws SQLException {
    try (PreparedStatement create =
        connection.prepareStatement("SELECT pg_create_logical_replication_slot(?, ?)")) {
      create.setString(1, slot);
      create.setString(2, plugin.slotName());
      create.execute();
    }
  }

  /** All rows that wait in the slot. */
  List<RawRow> peek(String slot, Plugin plugin, List<String> publications) throws SQLException {
    String function = plugin.binary() ? "peek_binary_changes" : "peek_changes";
    List<String> options = plugin.options(versionNum(), publications);
    try (PreparedStatement peek =
        connection.prepareStatement(
            "SELECT lsn::text, xid::text, data FROM pg_logical_slot_"
                + function
                + "(?, NULL, NULL, VARIADIC ?)")) {
      peek.setString(1, slot);
      peek.setArray(2, connection.createArrayOf("text", options.toArray()));
      List<RawRow> rows = new ArrayList<>();
      try (ResultSet results = peek.executeQuery()) {
        while (results.next()) {
          byte[] data =
              plugin.binary()
                  ? results.getBytes(3)
                  : results.getString(3).getBytes(StandardCharsets.UTF_8);
          rows.add(
              new RawRow(
                  Lsn.parse(results.getString(1)), Long.parseLong(results.getString(2)), data));
        }
      }
      return rows;
    }
  }

  private int versionNum() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_version_num")) {
      row.next();
      return row.getInt(1);
    }
  }

  Catalog catalog() throws SQLException {
    Map<TableName, Catalog.Table> tables = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(KEYS)) {
      while (rows.next()) {
        List<Column> columns = new ArrayList<>();
        List<String> parts = split(rows.getString(5));
        for (int i = 0; i < parts.size(); i += 2) {
          columns.add(new Column(parts.get(i), parts.get(i + 1)));
        }
        tables.put(
            new TableName(rows.getString(1), rows.getString(2)),
            new Catalog.Table(split(rows.getString(4)), rows.getBoolean(3), columns));
      }
    }
    return new Catalog(tables, types());
  }

  private Map<Integer, String> types() throws SQLException {
    Map<Integer, String> types = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT oid::int8, format_type(oid, NULL) FROM pg_type")) {
      while (rows.next()) {
        types.put((int) rows.getLong(1), rows.getString(2));
      }
    }
    return types;
  }

  private static List<String> split(String joined) {
    return joined.isEmpty() ? List.of() : List.of(joined.split("\u0001", -1));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

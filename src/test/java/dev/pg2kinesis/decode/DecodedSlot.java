package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Transaction;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database of its own on a real server, with one slot whose rows are peeked and decoded. */
final class DecodedSlot implements AutoCloseable {

  private static final String CATALOG_TABLES =
      """
      SELECT n.nspname, c.relname, array(
        SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (n, o)
          JOIN pg_attribute a ON a.attnum = k.n
        WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND o <= i.indnkeyatts
          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
        ORDER BY o)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'pg_catalog'
      """;

  private final Plugin plugin;
  private final String database;
  private final String slot = "slot_" + System.nanoTime();
  private final PostgresServer server;
  private final Connection connection;
  private List<String> options = List.of();

  private DecodedSlot(PostgresServer server, Plugin plugin, String database) throws SQLException {
    this.server = server;
    this.plugin = plugin;
    this.database = database;
    this.connection = server.connect(database);
  }

  /** A new database, without a slot as yet. */
  static DecodedSlot on(int major, Plugin plugin) throws SQLException {
    PostgresServer server = PostgresServer.shared(major);
    return in(server, plugin, server.createDatabase());
  }

  /** An existing database. */
  static DecodedSlot in(PostgresServer server, Plugin plugin, String database) throws SQLException {
    DecodedSlot decoded = new DecodedSlot(server, plugin, database);
    decoded.run(
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO, MDY'",
        "SET IntervalStyle = 'postgres'",
        "SET bytea_output = 'hex'",
        "SET extra_float_digits = 1",
        "SELECT set_config('search_path', '', false)");
    return decoded;
  }

  Connection connection() {
    return connection;
  }

  String database() {
    return database;
  }

  PostgresServer server() {
    return server;
  }

  /** Runs statements in the pinned session, each committed by itself. */
  void run(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row, as text. */
  String query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "no row";
    }
  }

  /** Creates the slot; a pgoutput slot reads those publications, which must exist. */
  void create(String... publications) throws SQLException {
    int version = Integer.parseInt(query("SHOW server_version_num"));
    options = PgOutputDecoder.options(version, List.of(publications));
    run("SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin.slotName() + "')");
  }

  String slotName() {
    return slot;
  }

  void advance(Lsn to) throws SQLException {
    run("SELECT pg_replication_slot_advance('" + slot + "', '" + to + "')");
  }

  /** Every row that the slot holds. */
  List<RawRow> rows() throws SQLException {
    String function =
        plugin.binary() ? "pg_logical_slot_peek_binary_changes" : "pg_logical_slot_peek_changes";
    List<RawRow> rows = new ArrayList<>();
    try (PreparedStatement peek =
        connection.prepareStatement(
            "SELECT lsn::text, xid::text::bigint, data FROM "
                + function
                + "(?::name, NULL, NULL, VARIADIC ?)")) {
      Array array = connection.createArrayOf("text", options.toArray());
      peek.setString(1, slot);
      peek.setArray(2, array);
      try (ResultSet result = peek.executeQuery()) {
        while (result.next()) {
          rows.add(
              new RawRow(Lsn.parse(result.getString(1)), result.getLong(2), result.getBytes(3)));
        }
      }
    }
    return rows;
  }

  /** One peek, decoded with the catalog's present state. */
  List<Transaction> transactions() throws SQLException {
    return transactions(catalog());
  }

  /** One peek, decoded. */
  List<Transaction> transactions(Catalog catalog) throws SQLException {
    Decoder decoder = new PgOutputDecoder(catalog);
    List<Transaction> transactions = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (RawRow row : rows()) {
      decoder.decode(row, changes::add);
      Commit commit = decoder.commitOf(row);
      if (commit != null) {
        transactions.add(new Transaction(commit, List.copyOf(changes)));
        changes.clear();
      }
    }
    if (!changes.isEmpty()) {
      throw new AssertionError(changes.size() + " changes after the last commit");
    }
    return transactions;
  }

  /** One peek as lines, see {@link ChangeLine}. */
  List<String> lines() throws SQLException {
    return transactions().stream()
        .flatMap(transaction -> transaction.changes().stream())
        .map(ChangeLine::of)
        .toList();
  }

  /** The columns of a table as format_type names their types. */
  List<Column> columns(String table) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '"
                    + table
                    + "'::regclass AND attnum > 0 ORDER BY attnum")) {
      while (rows.next()) {
        columns.add(new Column(rows.getString(1), rows.getString(2)));
      }
    }
    return columns;
  }

  Catalog catalog() throws SQLException {
    Map<TableName, Catalog.Table> tables = new HashMap<>();
    Map<Integer, String> types = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(CATALOG_TABLES)) {
      while (rows.next()) {
        List<String> key = List.of((String[]) rows.getArray(3).getArray());
        tables.put(
            new TableName(rows.getString(1), rows.getString(2)),
            new Catalog.Table(key, false, List.of()));
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT oid::bigint, format_type(oid, NULL) FROM pg_type WHERE oid >= 16384")) {
      while (rows.next()) {
        types.put((int) rows.getLong(1), rows.getString(2));
      }
    }
    return new Catalog(tables, types);
  }

  /** Drops the slot, so that a server shared by many tests has room. */
  @Override
  public void close() throws SQLException {
    try (connection) {
      run(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
              + " WHERE slot_name = '"
              + slot
              + "'");
    }
  }
}

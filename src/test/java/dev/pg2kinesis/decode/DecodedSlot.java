package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Transaction;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database on a real server with one slot whose rows are peeked and decoded. */
final class DecodedSlot implements AutoCloseable {

  private final PostgresServer server;
  private final Plugin plugin;
  private final String database;
  private final String slot;
  private final SlotSession session;
  private List<String> publications = List.of();

  /** An existing database, without a slot as yet. */
  DecodedSlot(PostgresServer server, Plugin plugin, String database) throws SQLException {
    this.server = server;
    this.plugin = plugin;
    this.database = database;
    this.slot = database + '_' + plugin.slotName();
    this.session = new SlotSession(server, database);
  }

  /** A new database, without a slot as yet. */
  static DecodedSlot on(int major, Plugin plugin) throws SQLException {
    PostgresServer server = PostgresServer.shared(major);
    return new DecodedSlot(server, plugin, server.createDatabase());
  }

  PostgresServer server() {
    return server;
  }

  String database() {
    return database;
  }

  String slotName() {
    return slot;
  }

  Connection connection() {
    return session.connection();
  }

  /** Runs statements in the pinned session, each committed by itself. */
  void run(String... statements) throws SQLException {
    try (Statement statement = connection().createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row, as text. */
  String query(String sql) throws SQLException {
    try (Statement statement = connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "no row";
    }
  }

  /** Creates the slot; a pgoutput slot reads those publications, which must exist. */
  void create(String... publications) throws SQLException {
    this.publications = List.of(publications);
    session.createSlot(slot, plugin);
  }

  void advance(Lsn to) throws SQLException {
    run("SELECT pg_replication_slot_advance('" + slot + "', '" + to + "')");
  }

  /** Every row that the slot holds. */
  List<RawRow> rows() throws SQLException {
    return session.peek(slot, plugin, publications);
  }

  /** One peek, decoded with the catalog's present state. */
  List<Transaction> transactions() throws SQLException {
    return transactions(session.catalog());
  }

  /** One peek, decoded; transactions without a change are left out. */
  List<Transaction> transactions(Catalog catalog) throws SQLException {
    Decoder decoder = Decoders.of(plugin, catalog);
    List<Transaction> transactions = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (RawRow row : rows()) {
      decoder.decode(row, changes::add);
      Commit commit = decoder.commitOf(row);
      if (commit != null && !changes.isEmpty()) {
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
    try (Statement statement = connection().createStatement();
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

  /** Drops the slot, so that a server shared by many tests has room. */
  @Override
  public void close() throws SQLException {
    try (session) {
      run(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
              + " WHERE slot_name = '"
              + slot
              + "'");
    }
  }
}

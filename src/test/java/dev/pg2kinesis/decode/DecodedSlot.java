package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database on a real server with one slot, which is read as the product reads it, and a session
 * of the test's own with the same settings, in which types print their values in the same way.
 */
final class DecodedSlot implements AutoCloseable {

  private static final Plugin VERSION_1 = Plugin.WAL2JSON_V1;
  private static final Duration LIFE = Duration.ofMinutes(5);

  private final PostgresServer server;
  private final Plugin plugin;
  private final String database;
  private final String slot;
  private final Connection connection;
  private List<String> publications = List.of();
  private @Nullable Slot opened;

  /** An existing database, without a slot as yet. */
  DecodedSlot(PostgresServer server, Plugin plugin, String database) throws SQLException {
    this.server = server;
    this.plugin = plugin;
    this.database = database;
    this.slot = database + '_' + plugin.slotName();
    this.connection = server.connect(database);
    run(
        "SET search_path = ''",
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO, YMD'",
        "SET IntervalStyle = 'postgres'",
        "SET bytea_output = 'hex'",
        "SET extra_float_digits = 1",
        "SET lc_monetary = 'C'");
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
    return connection;
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
    this.publications = List.of(publications);
    run("SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin.slotName() + "')");
  }

  void advance(Lsn to) throws SQLException {
    run("SELECT pg_replication_slot_advance('" + slot + "', '" + to + "')");
  }

  /** The slot, opened once: the server lets its lock go a while after a session was closed. */
  private Slot opened() {
    Slot already = opened;
    if (already != null) {
      return already;
    }
    Slot fresh = PostgresSlot.open(server.login(database), slot, publications, 2, LIFE);
    opened = fresh;
    return fresh;
  }

  /** Every row that the slot holds. */
  List<RawRow> rows() {
    Slot from = opened();
    List<RawRow> rows = new ArrayList<>();
    try (Slot.Peek peek = from.peek(from.position().flush(), Integer.MAX_VALUE, LIFE)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** One peek, decoded with the catalog's present state. */
  List<Transaction> transactions() {
    return transactions(opened().catalog());
  }

  /** One peek, decoded. */
  List<Transaction> transactions(Catalog catalog) {
    return decoded(plugin, catalog, rows());
  }

  /** The same of wal2json's format version 1, which the product never chooses by itself. */
  List<Transaction> transactionsOfVersion1() throws SQLException {
    Catalog catalog = opened().catalog();
    List<RawRow> rows = new ArrayList<>();
    try (PreparedStatement peek =
        connection.prepareStatement(
            "SELECT lsn::text, xid::text, convert_to(data, 'UTF8') FROM pg_logical_slot_peek_changes("
                + "?, NULL, NULL, VARIADIC ?)")) {
      peek.setString(1, slot);
      peek.setArray(2, connection.createArrayOf("text", VERSION_1.options(0, List.of()).toArray()));
      try (ResultSet row = peek.executeQuery()) {
        while (row.next()) {
          Lsn lsn = Lsn.parse(row.getString(1));
          rows.add(new RawRow(lsn, Long.parseLong(row.getString(2)), row.getBytes(3)));
        }
      }
    }
    return decoded(VERSION_1, catalog, rows);
  }

  /** Decodes rows; transactions without a change are left out. */
  private static List<Transaction> decoded(Plugin plugin, Catalog catalog, List<RawRow> rows) {
    Decoder decoder = Decoders.of(plugin, catalog);
    CommitReader commits = Decoders.commitReader(plugin);
    List<Transaction> transactions = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (RawRow row : rows) {
      decoder.decode(row, changes::add);
      Commit commit = commits.commitOf(row);
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
  List<String> lines() {
    return transactions().stream()
        .flatMap(transaction -> transaction.changes().stream())
        .map(ChangeLine::of)
        .toList();
  }

  /** The columns of a table. */
  List<Column> columns(String table) throws SQLException {
    return new TypeOracle(connection).columns(table);
  }

  /** Drops the slot, so that a server shared by many tests has room. */
  @Override
  public void close() throws SQLException {
    Slot toClose = opened;
    try (connection) {
      if (toClose != null) {
        toClose.close();
      }
      run(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
              + " WHERE slot_name = '"
              + slot
              + "'");
    }
  }
}

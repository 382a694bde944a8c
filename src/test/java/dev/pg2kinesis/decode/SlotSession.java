package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads a slot of a test server as the product does, with its session, catalog and peek. */
final class SlotSession {

  private static final Duration LIFE = Duration.ofMinutes(5);

  private final PostgresServer server;
  private final String database;

  SlotSession(PostgresServer server, String database) {
    this.server = server;
    this.database = database;
  }

  /** Creates a slot named after its plugin and its database. */
  String create(Plugin plugin) {
    String slot = plugin.slotName() + "_" + database;
    server.execute(
        database,
        "SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin.slotName() + "')");
    return slot;
  }

  /** A slot's rows, and the catalog just before they were read. */
  record Peeked(Plugin plugin, Catalog catalog, List<RawRow> rows) {

    /** Decodes the rows; transactions without changes are left out. */
    List<Transaction> transactions() {
      Decoder decoder = Decoders.of(plugin, catalog);
      CommitReader commits = Decoders.commitReader(plugin);
      List<Transaction> transactions = new ArrayList<>();
      List<Change> changes = new ArrayList<>();
      for (RawRow row : rows) {
        Commit commit = commits.commitOf(row);
        decoder.decode(row, changes::add);
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
  }

  /** Everything that waits in a slot. */
  Peeked peek(String slot, String... publications) {
    try (Slot open =
        PostgresSlot.open(server.login(database), slot, List.of(publications), 2, LIFE)) {
      Catalog catalog = open.catalog();
      List<RawRow> rows = new ArrayList<>();
      try (Slot.Peek peek = open.peek(open.position().flush(), Integer.MAX_VALUE, LIFE)) {
        for (RawRow row = peek.next(); row != null; row = peek.next()) {
          rows.add(row);
        }
      }
      return new Peeked(open.plugin(), catalog, rows);
    }
  }

  /** The same, through wal2json's format version 1, which the product never chooses by itself. */
  Peeked peekVersion1(String slot, Catalog catalog) throws SQLException {
    List<RawRow> rows = new ArrayList<>();
    try (Connection connection = server.connect(database);
        Statement pin = connection.createStatement();
        PreparedStatement peek =
            connection.prepareStatement(
                "SELECT lsn::text, xid::text, data FROM pg_logical_slot_peek_changes("
                    + "?, NULL, NULL, VARIADIC ?)")) {
      pin.execute(
          "SET search_path = ''; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';"
              + " SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';"
              + " SET extra_float_digits = 1; SET lc_monetary = 'C'");
      peek.setString(1, slot);
      peek.setArray(
          2, connection.createArrayOf("text", Plugin.WAL2JSON_V1.options(0, List.of()).toArray()));
      try (ResultSet results = peek.executeQuery()) {
        while (results.next()) {
          rows.add(
              new RawRow(
                  Lsn.parse(results.getString(1)),
                  Long.parseLong(results.getString(2)),
                  results.getString(3).getBytes(StandardCharsets.UTF_8)));
        }
      }
    }
    return new Peeked(Plugin.WAL2JSON_V1, catalog, rows);
  }
}

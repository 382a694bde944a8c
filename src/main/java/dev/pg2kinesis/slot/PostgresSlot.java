package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A slot read through SQL. PostgreSQL documentation, "Replication Management Functions". */
public final class PostgresSlot implements Slot {

  /** {@code upto_nchanges} is an {@code integer}. */
  private static final long MOST_ROWS = Integer.MAX_VALUE;

  private final Session session;
  private final String name;
  private final SlotLock lock;
  private final Plugin plugin;
  private final List<String> options;
  private final Diagnosis diagnosis;
  private final TableReader tables;

  private PostgresSlot(
      Session session,
      String name,
      SlotLock lock,
      Plugin plugin,
      List<String> options,
      Diagnosis diagnosis,
      TableReader tables) {
    this.tables = tables;
    this.session = session;
    this.name = name;
    this.lock = lock;
    this.plugin = plugin;
    this.options = options;
    this.diagnosis = diagnosis;
  }

  /**
   * Connects, takes the slot's lock and checks that the slot can be read.
   *
   * @param publications for a pgoutput slot; not looked at for others
   * @param wal2JsonFormat for a wal2json slot, the {@code format-version} to ask for: 2, or 1 where
   *     the server's library is too old for it
   * @param life how long the run may last; no statement and no idle session outlives it
   * @throws SlotException with {@link Code#BUSY} if another run holds the lock
   */
  public static PostgresSlot open(
      Database database,
      String name,
      List<String> publications,
      int wal2JsonFormat,
      Duration life) {
    Session session = Session.open(database, life);
    try {
      SlotLock lock = SlotLock.take(session, name);
      Plugin found = SlotCheck.check(session, name, publications);
      Plugin plugin = found == Plugin.WAL2JSON && wal2JsonFormat == 1 ? Plugin.WAL2JSON_V1 : found;
      return new PostgresSlot(
          session,
          name,
          lock,
          plugin,
          plugin.options(session.version(), publications),
          new Diagnosis(session, name, publications),
          new PostgresTables(
              session, new TableQuery(session, plugin, String.join(",", publications))));
    } catch (SQLException e) {
      throw session.closedAfter(SqlFailure.of(e, "opening the slot"));
    } catch (SlotException e) {
      throw session.closedAfter(e);
    }
  }

  /** As above, reading wal2json in format 2. */
  public static PostgresSlot open(
      Database database, String name, List<String> publications, Duration life) {
    return open(database, name, publications, 2, life);
  }

  @Override
  public Plugin plugin() {
    return plugin;
  }

  @Override
  public Position position() {
    // The flush LSN, never the write LSN (pg_current_wal_lsn): what is not flushed yet is not
    // decoded either, and advancing over it would lose it.
    String status = session.version() >= 130_000 ? "wal_status" : "NULL::text";
    try (PreparedStatement statement =
            session.prepare(
                "SELECT confirmed_flush_lsn::text, restart_lsn::text,"
                    + " pg_current_wal_flush_lsn()::text, coalesce("
                    + status
                    + ", 'unknown'), "
                    + SlotLock.IS_HELD
                    + " FROM pg_replication_slots WHERE slot_name = ?",
                lock.mark(),
                name);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw SlotCheck.missing(name);
      }
      if (!row.getBoolean(5)) {
        throw lock.lost();
      }
      String restart = row.getString(2);
      if (restart == null) {
        SlotRow slot = SlotRow.read(session, name);
        throw slot == null ? SlotCheck.missing(name) : SlotCheck.lost(slot);
      }
      return new Position(
          Lsn.parse(row.getString(1)),
          Lsn.parse(restart),
          Lsn.parse(row.getString(3)),
          row.getString(4));
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the slot's position");
    }
  }

  /**
   * Which cluster and which timeline of it this is, and how it came from an earlier one.
   *
   * @param since a timeline that was seen before, or null
   */
  public History history(@Nullable Long since) {
    try {
      return History.read(session, name, since);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the server's timeline");
    }
  }

  /** Reads the tables that the slot's changes are of. */
  public TableReader tables() {
    return tables;
  }

  @Override
  public Catalog catalog() {
    try {
      return CatalogQuery.read(session, plugin);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the catalog");
    }
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    if (rows < 1) {
      throw new IllegalArgumentException("a peek of " + rows + " rows");
    }
    List<String> arguments = new ArrayList<>();
    arguments.add(SqlText.literal(name));
    arguments.add(SqlText.literal(upTo.toString()) + "::pg_lsn");
    arguments.add(Long.toString(Math.min(rows, MOST_ROWS)));
    options.forEach(option -> arguments.add(SqlText.literal(option)));
    String function =
        plugin.binary() ? "pg_logical_slot_peek_binary_changes" : "pg_logical_slot_peek_changes";
    String sql =
        "COPY (SELECT lsn, xid, data FROM "
            + function
            + "("
            + String.join(", ", arguments)
            + ")) TO STDOUT (FORMAT binary)";
    try {
      session.limit(timeout);
      session.clearWarnings();
      return new CopyPeek(session, session.postgres().getCopyAPI().copyOut(sql), diagnosis);
    } catch (SQLException e) {
      throw diagnosis.reading(e);
    }
  }

  @Override
  public void advance(Lsn to) {
    try {
      try (PreparedStatement statement =
              session.prepare(
                  "SELECT pg_replication_slot_advance(?, ?::pg_lsn) WHERE " + SlotLock.IS_HELD,
                  name,
                  to.toString(),
                  lock.mark());
          ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw lock.lost();
        }
      }
    } catch (SQLException e) {
      throw diagnosis.advancing(e, to);
    }
  }

  /** Gives the lock back first: the server ends a closed session only a moment later. */
  @Override
  public void close() {
    try (PreparedStatement statement = session.prepare("SELECT pg_advisory_unlock_all()")) {
      statement.execute();
    } catch (SQLException e) {
      // A session that cannot answer any more gives the lock back when the server ends it.
    } finally {
      session.close();
    }
  }
}

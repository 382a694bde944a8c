package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A slot read through SQL. PostgreSQL documentation, "Replication Management Functions". */
public final class PostgresSlot implements Slot {

  private final Session session;
  private final String name;
  private final SlotLock lock;
  private final PeekCall call;
  private final SlotFailure failure;
  private final TableReader tables;
  private @Nullable CopyPeek lastPeek;

  private PostgresSlot(
      Session session,
      String name,
      SlotLock lock,
      PeekCall call,
      SlotFailure failure,
      TableReader tables) {
    this.tables = tables;
    this.session = session;
    this.name = name;
    this.lock = lock;
    this.call = call;
    this.failure = failure;
  }

  /**
   * Connects, takes the slot's lock and checks that the slot can be read.
   *
   * @param publications what a pgoutput slot is read with; ignored for other plugins
   * @param wal2JsonFormat the {@code format-version} of a wal2json slot: 2, or 1 if the server's
   *     library is too old for 2
   * @param maxDuration how long the run may last; no statement and no idle session outlives it
   * @throws SlotException with {@link Code#BUSY} if another run holds the lock
   */
  public static PostgresSlot open(
      Database database,
      String name,
      List<String> publications,
      int wal2JsonFormat,
      Duration maxDuration) {
    Session session = Session.open(database, maxDuration);
    try {
      SlotLock lock = SlotLock.take(session, name);
      Plugin found = SlotCheck.check(session, name, publications);
      Plugin plugin = found == Plugin.WAL2JSON && wal2JsonFormat == 1 ? Plugin.WAL2JSON_V1 : found;
      return new PostgresSlot(
          session,
          name,
          lock,
          new PeekCall(name, plugin, plugin.options(session.version(), publications)),
          new SlotFailure(session, name, publications),
          new PostgresTables(
              session, new TableQuery(session, plugin, String.join(",", publications))));
    } catch (SQLException e) {
      throw session.closedAfter(SqlFailure.of(e, "opening the slot"));
    } catch (SlotException e) {
      throw session.closedAfter(e);
    }
  }

  @Override
  public Plugin plugin() {
    return call.plugin();
  }

  @Override
  public Position position() {
    String status = session.version() >= 130_000 ? "wal_status" : "NULL::text";
    try (PreparedStatement statement =
            session.prepare(
                "SELECT confirmed_flush_lsn::text, restart_lsn::text, ("
                    + WalEnd.SQL
                    + ")::text, coalesce("
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

  @Override
  public void checkLock(Duration patience) {
    try {
      if (!session.ask("SELECT " + SlotLock.IS_HELD, lock.mark(), patience)) {
        throw lock.lost();
      }
    } catch (SQLException e) {
      throw SqlFailure.of(e, "checking the slot's lock");
    }
  }

  @Override
  public Timeline timeline(@Nullable Long earlier) {
    try {
      return Timeline.read(session, name, earlier);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the server's timeline");
    }
  }

  @Override
  public TableReader tables() {
    return tables;
  }

  @Override
  public Catalog catalog() {
    try {
      return CatalogQuery.read(session, call.plugin(), name);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the catalog");
    }
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    if (rows < 1) {
      throw new IllegalArgumentException("a peek of " + rows + " rows");
    }
    String sql =
        "COPY (SELECT lsn, xid, data FROM " + call.upTo(upTo, rows) + ") TO STDOUT (FORMAT binary)";
    try {
      renewAfterFailure();
      session.limit(timeout);
      session.clearWarnings();
      CopyPeek peek = new CopyPeek(session, session.postgres().getCopyAPI().copyOut(sql), failure);
      lastPeek = peek;
      return peek;
    } catch (SQLException e) {
      throw failure.reading(e);
    }
  }

  /**
   * pgoutput remembers in its session which relations it has described. A peek that fails leaves
   * that behind (in PostgreSQL 14 and older at least), and the next would leave descriptions out.
   */
  private void renewAfterFailure() throws SQLException {
    if (call.plugin() == Plugin.PGOUTPUT && lastPeek != null && lastPeek.failed()) {
      session.renew();
      lastPeek = null;
      lock.takeIn(session);
    }
  }

  @Override
  public @Nullable UndecodableTransaction findUndecodable(
      UndecodableException cause, Lsn upTo, Duration timeout) {
    UndecodableSearch search =
        new UndecodableSearch(session, this, call, position().confirmed(), cause.change(), timeout);
    try {
      return search.find(upTo);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "looking for the transaction that cannot be decoded");
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
      throw failure.advancing(e, to);
    }
  }

  @Override
  public void close() {
    session.close();
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.decode.MoneyText;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/** Reads tables through SQL, in the session of a slot. */
final class PostgresTables implements TableReader {

  /** A WAL page starts with a header, in which no record ends: XLogLongPageHeaderData. */
  private static final int PAGE_HEADER_BYTES = 40;

  /**
   * The transaction's first query takes the snapshot that all its queries see. Rows that row-level
   * security would hide are an error instead. Changes wait while a chunk is read, so that it does
   * not wait long for a lock.
   */
  private static final String BEGIN =
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off;"
          + " SET LOCAL lock_timeout = '1s'";

  private final Session session;
  private final TableQuery query;

  /** The server's, for as long as it runs; 0 until it is asked for. */
  private long pageBytes;

  PostgresTables(Session session, TableQuery query) {
    this.session = session;
    this.query = query;
  }

  @Override
  public List<TableCandidate> candidates() {
    try {
      return query.candidates();
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the catalog");
    }
  }

  @Override
  public @Nullable TableShape shape(TableName table) {
    try {
      return query.shape(table);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the catalog");
    }
  }

  @Override
  public @Nullable TableChunk read(
      TableShape shape, @Nullable List<String> after, TableChunk.Bounds bounds, Duration timeout) {
    try {
      session.execute(BEGIN);
      boolean committed = false;
      try {
        VisibleTransactions visible = visible();
        TableShape now = query.shape(shape.table());
        if (now == null || !now.readsLike(shape)) {
          return null;
        }
        MoneyText money = new MoneyText(MoneyQuery.read(session)); // before the limit: it lifts it
        session.limit(timeout);
        TableChunk chunk = rows(shape, after, bounds, visible, money);
        // A commit, unlike a rollback, has the server flush soon what reading wrote: pruned pages.
        session.execute("COMMIT");
        committed = true;
        return chunk;
      } finally {
        if (!committed) {
          session.rollback();
        }
      }
    } catch (SQLException e) {
      throw failure(e, shape.table());
    }
  }

  /** The server's message is left out, because a value may stand in it. */
  private static SlotException failure(SQLException e, TableName table) {
    SlotException failure = SqlFailure.of(e, "reading table " + table);
    String state = String.valueOf(e.getSQLState());
    return switch (state) {
      case "42501" ->
          new SlotException(
              Code.PRIVILEGE_MISSING,
              "the role may not read all rows of table "
                  + table
                  + ". Run GRANT SELECT ON "
                  + SqlText.identifier(table)
                  + " TO the role, with USAGE on the schema; under row-level security it needs"
                  + " BYPASSRLS.",
              null);
      case "55P03" ->
          new SlotException(
              Code.TABLE_LOCKED,
              "another session holds a lock on table " + table + ". The next run tries again.",
              null);
      default ->
          failure.code() == Code.DATABASE_FAILED
              ? new SlotException(
                  Code.DATABASE_FAILED,
                  "reading table " + table + " failed with SQLSTATE " + state + ".",
                  null)
              : failure;
    };
  }

  private TableChunk rows(
      TableShape shape,
      @Nullable List<String> after,
      TableChunk.Bounds bounds,
      VisibleTransactions visible,
      MoneyText money)
      throws SQLException {
    CopiedRows rows = new CopiedRows(shape.columns(), money);
    CopyOut copy =
        session.postgres().getCopyAPI().copyOut(new ChunkQuery(shape).copy(after, bounds.rows()));
    TableChunk.End end = TableChunk.End.OF_TABLE;
    for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
      rows.copied(line);
      if (rows.bytes() >= bounds.bytes()) {
        drop(copy);
        end = TableChunk.End.BY_BYTES;
        break;
      }
    }
    if (end == TableChunk.End.OF_TABLE && rows.size() == bounds.rows()) {
      end = TableChunk.End.BY_ROWS;
    }
    List<String> lastKey = rows.isEmpty() ? List.of() : key(shape, rows.printed(rows.size() - 1));
    return new TableChunk(rows, rows.bytes(), lastKey, visible, end);
  }

  /** Reads the rest and drops it. A cancel request could arrive late and end the next statement. */
  private static void drop(CopyOut copy) throws SQLException {
    while (copy.readFromCopy() != null) {
      // The row limit bounds how many follow.
    }
  }

  private static List<String> key(TableShape shape, Row row) {
    return shape.keyNames().stream()
        .map(column -> ((Value.Text) Objects.requireNonNull(row.value(column))).text())
        .toList();
  }

  /** Each transaction holds a lock on its own id until the end; everybody may see these locks. */
  @Override
  public Set<Integer> inProgress() {
    try (PreparedStatement statement =
            session.prepare(
                "SELECT transactionid::text FROM pg_locks WHERE locktype = 'transactionid'"
                    + " AND mode = 'ExclusiveLock' AND granted");
        ResultSet rows = statement.executeQuery()) {
      Set<Integer> xids = new HashSet<>();
      while (rows.next()) {
        xids.add((int) Long.parseLong(rows.getString(1)));
      }
      return xids;
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the transactions in progress");
    }
  }

  @Override
  public VisibleTransactions visible() {
    String function =
        session.version() >= 130_000 ? "pg_current_snapshot()" : "txid_current_snapshot()";
    return VisibleTransactions.parse(text("SELECT " + function + "::text"));
  }

  /**
   * The server names the place of the next record, which at the end of a page is behind the next
   * page's header; what is flushed ends before the header.
   */
  @Override
  public Lsn insertLsn() {
    Lsn next = Lsn.parse(text("SELECT pg_current_wal_insert_lsn()::text"));
    if (pageBytes == 0) {
      pageBytes = Long.parseLong(text("SHOW wal_block_size"));
    }
    long inPage = next.value() & (pageBytes - 1);
    return inPage <= PAGE_HEADER_BYTES ? new Lsn(next.value() - inPage) : next;
  }

  @Override
  public Lsn flushLsn() {
    return Lsn.parse(text("SELECT pg_current_wal_flush_lsn()::text"));
  }

  private String text(String sql) {
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the server's position");
    }
  }
}

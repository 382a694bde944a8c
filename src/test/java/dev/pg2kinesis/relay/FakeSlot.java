package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.Timeline;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.slot.UndecodableTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A slot over WAL that the test writes by hand; prints as test_decoding does. */
public final class FakeSlot implements Slot {

  private static final long FIRST_BYTE = 0x1_0000_1000L;
  private static final int RECORD_BYTES = 64;

  private final List<Wal> wal = new ArrayList<>();
  private long end = FIRST_BYTE;
  private long confirmed = FIRST_BYTE;
  private int nextXid = 700;

  final List<Lsn> peekedUpTo = new ArrayList<>();
  final List<Long> peekedRows = new ArrayList<>();
  public final List<Lsn> advances = new ArrayList<>();
  Life life = Life.unlimited();
  int timeoutsToCome;
  private long undecodable;
  Runnable onPeek = () -> {};
  public boolean lockLost;
  int lockChecks;
  Runnable onLockCheck = () -> {};

  /** A committed transaction: where its commit record starts and ends, and its rows. */
  private record Wal(long commitStart, long commitEnd, List<RawRow> rows) {}

  /** Commits a transaction that inserts rows with these ids into public.t; returns its end. */
  public Lsn commit(int... ids) {
    return commit(id -> "t", ids);
  }

  /** The same, each into a table of the schema public. */
  Lsn commit(IntFunction<String> table, int... ids) {
    int xid = nextXid++;
    List<RawRow> rows = new ArrayList<>();
    rows.add(row(end, xid, "BEGIN " + xid));
    for (int id : ids) {
      rows.add(
          row(
              end,
              xid,
              "table public."
                  + table.apply(id)
                  + ": INSERT: id[integer]:"
                  + id
                  + " v[text]:'v"
                  + xid
                  + "'"));
      end += RECORD_BYTES;
    }
    long commitStart = end;
    end += RECORD_BYTES;
    rows.add(row(end, xid, "COMMIT " + xid + " (at 2026-01-02 03:04:05.678901+00)"));
    wal.add(new Wal(commitStart, end, rows));
    return new Lsn(end);
  }

  /** Makes the row of the transaction that ends there unreadable. */
  public void garble(Lsn commitEnd) {
    for (Wal transaction : wal) {
      if (transaction.commitEnd == commitEnd.value()) {
        RawRow row = transaction.rows.get(1);
        transaction.rows.set(1, new RawRow(row.lsn(), row.xid(), "tabel".getBytes(UTF_8)));
      }
    }
  }

  /** From now on the server fails at the transaction that ends there. */
  public void makeUndecodable(Lsn commitEnd) {
    undecodable = commitEnd.value();
  }

  /** Writes WAL that decodes to nothing. */
  public void foreignWal(long bytes) {
    end += bytes;
  }

  private static RawRow row(long lsn, int xid, String text) {
    return new RawRow(new Lsn(lsn), xid, text.getBytes(UTF_8));
  }

  public Lsn confirmed() {
    return new Lsn(confirmed);
  }

  Lsn flush() {
    return new Lsn(end);
  }

  @Override
  public Plugin plugin() {
    return Plugin.TEST_DECODING;
  }

  @Override
  public Position position() {
    life.check();
    return new Position(new Lsn(confirmed), new Lsn(FIRST_BYTE), new Lsn(end), "reserved");
  }

  @Override
  public void checkLock(Duration patience) {
    life.check();
    lockChecks++;
    onLockCheck.run();
    if (lockLost) {
      throw new SlotException(SlotException.Code.LOCK_LOST, "as told", null);
    }
  }

  @Override
  public Timeline timeline(@Nullable Long earlier) {
    return new Timeline("cluster", 1, false, false, Timeline.Relation.SAME, null);
  }

  @Override
  public TableReader tables() {
    throw new UnsupportedOperationException("this slot has no tables");
  }

  @Override
  public Catalog catalog() {
    return new Catalog(
        Map.of(
            new TableName("public", "t"), Catalog.Table.withPrimaryKey("id"),
            new TableName("public", "u"), Catalog.Table.withPrimaryKey("id")),
        Map.of());
  }

  @Override
  public Peek peek(Lsn upTo, long rowBudget, Duration timeout) {
    life.at(Life.Point.BEFORE_PEEK);
    onPeek.run();
    peekedUpTo.add(upTo);
    peekedRows.add(rowBudget);
    if (timeoutsToCome > 0) {
      timeoutsToCome--;
      throw new SlotException(SlotException.Code.PEEK_TIMEOUT, "as told", null);
    }
    List<RawRow> rows = new ArrayList<>();
    for (Wal transaction : wal) {
      if (transaction.commitEnd <= confirmed) {
        continue;
      }
      if (Long.compareUnsigned(transaction.commitStart, upTo.value()) >= 0
          || rows.size() >= rowBudget) {
        break;
      }
      if (transaction.commitEnd == undecodable) {
        throw new UndecodableException("slot", "22012", null);
      }
      rows.addAll(transaction.rows);
    }
    return new FakePeek(rows.iterator());
  }

  private final class FakePeek implements Peek {

    private final Iterator<RawRow> rows;

    FakePeek(Iterator<RawRow> rows) {
      this.rows = rows;
    }

    @Override
    public @Nullable RawRow next() {
      RawRow row = rows.hasNext() ? rows.next() : null;
      if (row == null || !rows.hasNext()) {
        life.at(Life.Point.IN_PEEK);
      }
      return row;
    }

    @Override
    public void cancel() {}

    @Override
    public void close() {}
  }

  @Override
  public @Nullable UndecodableTransaction findUndecodable(
      UndecodableException cause, Lsn upTo, Duration timeout) {
    for (Wal transaction : wal) {
      if (transaction.commitEnd == undecodable && transaction.commitEnd > confirmed) {
        return new UndecodableTransaction(
            new Lsn(transaction.commitStart), new Lsn(undecodable), 7L, "public.t");
      }
    }
    return null;
  }

  @Override
  public void advance(Lsn to) {
    life.at(Life.Point.BEFORE_ADVANCE);
    if (to.value() < confirmed || to.value() > end) {
      throw new IllegalStateException(
          "advance to " + to + " from " + confirmed() + " of " + flush());
    }
    confirmed = to.value();
    advances.add(to);
    life.at(Life.Point.AFTER_ADVANCE);
  }

  @Override
  public void close() {}
}

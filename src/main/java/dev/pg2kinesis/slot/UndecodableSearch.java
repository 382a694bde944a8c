package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first transaction that the server cannot decode. Where the transactions can be listed
 * without their values, the list gives its position in a few statements; it is believed if the slot
 * can be read up to before that transaction and not past it. Otherwise the position is bisected: a
 * peek includes a transaction if its commit record starts before the peek's bound.
 */
final class UndecodableSearch {

  /** WAL records start at multiples of this. PostgreSQL documentation, "WAL Internals". */
  private static final long ALIGNMENT = 8;

  private static final long NOT_FAILED = -1;

  /** Bytes from the change that failed to where its commit is looked for first. */
  private static final long FIRST_STEP = 64;

  /**
   * A row in the output of a text plugin, given by its place or by its LSN, and its transaction:
   * the xid, the row's table, the end of the commit, and the end of the commit before it.
   */
  private static final String TRANSACTION_OF_ROW =
      """
      WITH output AS (
        SELECT lsn, xid::text::int8, data, row_number() OVER () AS place FROM %s
      ), failing AS (
        SELECT xid, place, array_to_string(regexp_match(data, ?), '.') AS relation
        FROM output WHERE (place = ? OR lsn = ?::pg_lsn) AND data ~ ? LIMIT 1
      ), commits AS (
        SELECT lsn, xid, place FROM output WHERE data ~ ?
      )
      SELECT xid, nullif(relation, ''),
        (SELECT lsn FROM commits
          WHERE commits.place >= failing.place AND commits.xid = failing.xid
          ORDER BY place LIMIT 1)::text,
        (SELECT lsn FROM commits WHERE commits.place < failing.place
          ORDER BY place DESC LIMIT 1)::text
      FROM failing
      """;

  /**
   * How a text plugin's rows begin, as regular expressions.
   *
   * @param change a change of a table, whose name its groups match
   * @param commit the last row of a transaction
   */
  private record Beginnings(String change, String commit) {

    static Beginnings of(Plugin plugin) {
      return switch (plugin) {
        case WAL2JSON ->
            new Beginnings(
                "^\\{\"action\":\"[IUDT]\".*?\"schema\":\"((?:[^\"\\\\]|\\\\.)*)\","
                    + "\"table\":\"((?:[^\"\\\\]|\\\\.)*)\"",
                "^\\{\"action\":\"C\"");
        case WAL2JSON_V1 -> new Beginnings("^(?:)", "^");
        case TEST_DECODING, PGOUTPUT -> new Beginnings("^table (.*?): [A-Z]+:", "^COMMIT ");
      };
    }
  }

  private final Session session;
  private final Slot slot;
  private final PeekCall call;
  private final Lsn from;
  private final @Nullable Lsn change;
  private final long end;

  /**
   * @param slot is peeked at and stays where it is
   * @param from the slot's position
   * @param change the LSN of the change that failed, if it is known
   */
  UndecodableSearch(
      Session session, Slot slot, PeekCall call, Lsn from, @Nullable Lsn change, Duration timeout) {
    this.session = session;
    this.slot = slot;
    this.call = call;
    this.from = from;
    this.change = change;
    this.end = System.nanoTime() + timeout.toNanos();
  }

  /**
   * Searches.
   *
   * @param upTo a peek up to here failed
   * @return null if it does not fail any more, or fails without any transaction
   * @throws SlotException if something else fails, the time-out among it
   */
  @Nullable UndecodableTransaction find(Lsn upTo) throws SQLException {
    UndecodableTransaction listed =
        call.plugin() == Plugin.PGOUTPUT ? listedByCopy(upTo) : listedByPlugin(upTo);
    if (listed != null && !fails(listed.before()) && fails(listed.commit())) {
      return listed;
    }
    return fails(from) ? null : bisected(upTo);
  }

  /**
   * A text plugin's rows are converted when they are sent, and without its text a row can be sent.
   * A failure that has a change's LSN is one of decoding, which no list of the plugin avoids.
   */
  private @Nullable UndecodableTransaction listedByPlugin(Lsn upTo) {
    long sent = change == null ? sentBeforeFailure(upTo) : NOT_FAILED;
    return sent == NOT_FAILED ? null : listed(call.upTo(upTo, PeekCall.MAX_ROWS), sent + 1, null);
  }

  /**
   * pgoutput converts and filters while it decodes; test_decoding prints the values as they are.
   */
  private @Nullable UndecodableTransaction listedByCopy(Lsn upTo) {
    if (change == null || session.version() < TemporaryCopy.SINCE) {
      return null;
    }
    try (TemporaryCopy copy = TemporaryCopy.of(session, call.slot(), Plugin.TEST_DECODING)) {
      PeekCall ofCopy = new PeekCall(copy.name(), Plugin.TEST_DECODING, List.of());
      return listed(ofCopy.upTo(upTo, PeekCall.MAX_ROWS), null, change);
    } catch (SQLException e) {
      return null; // no slot is free, or test_decoding may not be used
    }
  }

  private @Nullable UndecodableTransaction listed(
      String peek, @Nullable Long place, @Nullable Lsn lsn) {
    Beginnings rows = Beginnings.of(call.plugin());
    try (PreparedStatement statement =
            session.prepareWithin(
                left(),
                TRANSACTION_OF_ROW.formatted(peek),
                rows.change(),
                place,
                lsn == null ? null : lsn.toString(),
                rows.change(),
                rows.commit());
        ResultSet row = statement.executeQuery()) {
      String commit = row.next() ? row.getString(3) : null;
      if (commit == null) {
        return null;
      }
      String before = row.getString(4);
      return new UndecodableTransaction(
          before == null ? from : Lsn.max(from, Lsn.parse(before)),
          Lsn.parse(commit),
          row.getLong(1),
          row.getString(2));
    } catch (SQLException e) {
      return null; // the list cannot be decoded either
    }
  }

  /** Whether the slot cannot be read up to a position. */
  private boolean fails(Lsn upTo) {
    return sentBeforeFailure(upTo) != NOT_FAILED;
  }

  /** How many rows of a peek arrive before it fails; {@link #NOT_FAILED} if it does not. */
  private long sentBeforeFailure(Lsn upTo) {
    long sent = 0;
    try (Slot.Peek peek = slot.peek(upTo, PeekCall.MAX_ROWS, left())) {
      while (peek.next() != null) {
        sent++;
      }
      return NOT_FAILED;
    } catch (UndecodableException e) {
      return sent;
    }
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** The transaction's commit is after its change, so the search goes up from there. */
  private @Nullable UndecodableTransaction bisected(Lsn upTo) throws SQLException {
    Lsn base = Lsn.max(from, change == null ? from : change);
    base = base.plus(-base.value() & (ALIGNMENT - 1));
    long readable = 0;
    long failing = upTo.bytesSince(base);
    for (long step = FIRST_STEP; readable + step < failing; step *= 2) {
      if (fails(base.plus(readable + step))) {
        failing = readable + step;
      } else {
        readable += step;
      }
    }
    while (failing - readable > ALIGNMENT) {
      long middle = readable + (failing - readable) / 2 / ALIGNMENT * ALIGNMENT;
      middle = Math.max(middle, readable + ALIGNMENT);
      if (fails(base.plus(middle))) {
        failing = middle;
      } else {
        readable = middle;
      }
    }
    Lsn start = base.plus(readable);
    boolean assumed = base.plus(failing).equals(upTo);
    return assumed && !fails(upTo)
        ? null
        : new UndecodableTransaction(start, endOfRecord(start), null, null);
  }

  /**
   * The end of the record that starts at a position. A slot that is inside of it and reads one more
   * record stands at its end. Before PostgreSQL 12 a position inside of it, which moves a slot over
   * it as well.
   */
  private Lsn endOfRecord(Lsn start) throws SQLException {
    Lsn inside = start.plus(ALIGNMENT);
    if (session.version() < TemporaryCopy.SINCE) {
      return inside;
    }
    try (TemporaryCopy copy = TemporaryCopy.of(session, call.slot(), call.plugin())) {
      session.query(
          "SELECT pg_replication_slot_advance(?, ?::pg_lsn)", copy.name(), inside.toString());
      PeekCall ofCopy = new PeekCall(copy.name(), call.plugin(), call.options());
      session.query("SELECT count(*) FROM " + ofCopy.getUpTo(inside));
      return Lsn.parse(
          session.query(
              "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = ?",
              copy.name()));
    }
  }
}

package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.OutboxException;
import dev.pg2kinesis.format.OversizeException;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run's part of a snapshot. It reads a chunk where the slot stands, has the run publish the
 * changes up to a position behind the chunk's database snapshot, and puts each row at its place
 * among them.
 *
 * <p>Invariant I10: while a snapshot is loaded, every transaction up to the slot's position is
 * visible to new database snapshots, or is known and waited for before the next chunk is read. A
 * transaction is decoded once its commit is flushed, and becomes visible later. Without the rule a
 * chunk could hold an older row than the stream already has.
 */
public final class SnapshotRun implements Snapshot {

  /** A chunk that takes less time than this is followed by one of twice as many rows. */
  private static final Duration SHORT_READ = Duration.ofMillis(700);

  /** A chunk that takes more time than this is followed by one of half as many rows. */
  private static final Duration LONG_READ = Duration.ofSeconds(3);

  /** The database snapshot of a chunk holds back vacuum: after this the server gives up. */
  private static final Duration READ_LIMIT = Duration.ofSeconds(10);

  /** With less time left no chunk is begun. */
  private static final long SHORTEST_READ_MILLIS = 2_000;

  private static final long FIRST_ROWS = 500;
  private static final long MAX_ROWS = 1_000_000;
  private static final long MAX_ROWS_OF_ONE_CHUNK = 10_000_000;

  /** Asynchronous commits are flushed within three times wal_writer_delay, by default 0.6 s. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(20);

  /** If more transactions are waited for, the next run looks for them itself: they take room. */
  private static final int MAX_UNSETTLED_KEPT = 30;

  /** How long an advance waits for transactions to become visible; a standby may take longer. */
  private static final Duration VISIBLE_LIMIT = Duration.ofSeconds(1);

  private final TableReader tables;
  private final RecordMaker records;
  private final Consumer<SnapshotState> store;
  private final Pause pause;
  private final long chunkBytes;

  private SnapshotState state;
  private VisibleTransactions atWindow = new VisibleTransactions(0, Set.of());
  private @Nullable Chunk chunk;

  /** How the last chunk's table looked; reading the next one finds out whether it still does. */
  private @Nullable TableShape known;

  private long rows = FIRST_ROWS;
  private long published;
  private boolean unkept;

  /** Time, and waiting. */
  public interface Pause {

    /** Waits for about as long. */
    void pause(Duration duration);

    /** The time of day. */
    Instant now();

    /** Nanoseconds since some moment. */
    long nanos();

    /** Milliseconds until the run must stop reading; zero or negative once it must. */
    long leftMillis();
  }

  /** A chunk whose rows are on their way to the stream. */
  private record Chunk(
      Table table,
      TableShape shape,
      List<String> keyNames,
      TableChunk read,
      PendingReads pending) {}

  /**
   * @param state what the last run left
   * @param records makes the records of rows
   * @param store keeps the state for the next run
   * @param chunkBytes about how much memory the rows of a chunk may take
   */
  public SnapshotRun(
      TableReader tables,
      SnapshotState state,
      RecordMaker records,
      Consumer<SnapshotState> store,
      Pause pause,
      long chunkBytes) {
    this.tables = tables;
    this.state = state;
    this.records = records;
    this.store = store;
    this.pause = pause;
    this.chunkBytes = chunkBytes;
    if (isActive() && state.unsettled() == null) {
      // Whatever is behind the slot's position and not visible yet is still in progress.
      keep(state.unsettled(tables.inProgress()));
    }
  }

  /** Whether there are rows left to load. */
  private boolean isActive() {
    return state.next() != null;
  }

  @Override
  public long rows() {
    return published;
  }

  @Override
  public void windowBegins() {
    if (isActive()) {
      atWindow = tables.visible();
    }
  }

  @Override
  public void decoded(Commit commit) {
    if (isActive() && !atWindow.includes(commit.xid())) {
      Set<Integer> all = new HashSet<>(unsettled());
      all.add((int) commit.xid());
      state = state.unsettled(all);
    }
  }

  @Override
  public void before(Commit commit, Change change, Consumer<StreamRecord> publisher) {
    Chunk current = chunk;
    if (current != null) {
      Commit place = new Commit(0, commit.lsn(), state.started());
      current.pending().before(commit, change, row -> publish(current, place, row, publisher));
    }
  }

  @Override
  public void beforeAdvance() {
    if (!isActive() || unsettled().isEmpty()) {
      return;
    }
    await(VISIBLE_LIMIT, this::settled);
    keep(state);
  }

  @Override
  public @Nullable Lsn read() {
    if (unkept) {
      keep(state);
    }
    while (pause.leftMillis() > SHORTEST_READ_MILLIS) {
      Table table = state.next();
      if (table == null || !settled()) {
        return null;
      }
      Attempt attempt;
      try {
        attempt = read(table, Duration.ofMillis(pause.leftMillis()));
      } catch (SlotException e) {
        attempt = failed(table, e);
      }
      if (attempt != Attempt.AGAIN) {
        return attempt == Attempt.READ ? tables.flushLsn() : null;
      }
    }
    return null;
  }

  /** What came of reading a chunk. */
  private enum Attempt {
    READ,
    /** The table has changed or failed, or was asked for too much: the next attempt may do. */
    AGAIN,
    /** The table is locked, or what was read is not flushed yet. */
    LATER
  }

  private Attempt read(Table table, Duration left) {
    Cursor cursor = state.cursor();
    TableShape shape = cursor == null ? null : known;
    if (shape == null || !shape.table().equals(table.name())) {
      shape = tables.shape(table.name());
    }
    known = null;
    if (shape == null || shape.columns().isEmpty()) {
      keep(
          state.with(
              table.failed("TABLE_MISSING: the table is not there or not published any more."),
              null));
      return Attempt.AGAIN;
    }
    String fingerprint = fingerprint(shape);
    Table from = table;
    if (cursor != null && !cursor.shape().equals(fingerprint)) {
      cursor = null; // columns or key changed: rows read before do not fit the rows to come
    }
    if (cursor == null) {
      from = new Table(table.name(), Phase.READING, 0, shape.estimatedRows(), pause.now(), null);
    }
    long began = pause.nanos();
    Duration limit = left.compareTo(READ_LIMIT) < 0 ? left : READ_LIMIT;
    TableChunk read =
        tables.read(
            shape,
            cursor == null ? null : cursor.after(),
            new TableChunk.Bounds(shape.key().isEmpty() ? MAX_ROWS_OF_ONE_CHUNK : rows, chunkBytes),
            limit);
    if (read == null) {
      return Attempt.AGAIN; // it changed between the two looks
    }
    known = shape;
    if (shape.key().isEmpty() && !read.last()) {
      keep(
          state.with(
              from.failed(
                  "TABLE_TOO_LARGE: a table without a key is read in one chunk, and this one is too"
                      + " large for that. Give it a primary key."),
              null));
      return Attempt.AGAIN;
    }
    adapt(read, Duration.ofNanos(pause.nanos() - began));
    // A server that crashes forgets what is not flushed, and what was read must not be ahead of it.
    Lsn written = tables.insertLsn();
    if (!await(limit(FLUSH_LIMIT, left), () -> tables.flushLsn().compareTo(written) >= 0)) {
      return Attempt.LATER;
    }
    List<String> keyNames = shape.keyNames();
    chunk =
        new Chunk(
            from,
            shape,
            keyNames,
            read,
            new PendingReads(table.name(), keyNames, read.rows(), read.visible()));
    return Attempt.READ;
  }

  private static Duration limit(Duration wanted, Duration left) {
    return wanted.compareTo(left) < 0 ? wanted : left;
  }

  /** The server sends all rows that it was asked for, so it is asked for no more than fit. */
  private void adapt(TableChunk read, Duration took) {
    int size = read.rows().size();
    if (took.compareTo(LONG_READ) > 0) {
      rows = Math.max(1, rows / 2);
    } else if (took.compareTo(SHORT_READ) < 0 && size > 0) {
      rows = Math.min(rows * 2, MAX_ROWS);
    }
    if (size > 0) { // rows beyond the size would be read for nothing
      rows = Math.min(rows, Math.max(1, chunkBytes * size / Math.max(1, read.bytes())));
    }
  }

  private Attempt failed(Table table, SlotException e) {
    return switch (e.code()) {
      case PEEK_TIMEOUT -> {
        if (rows == 1) {
          keep(state.with(table.failed(problem(e)), null));
        }
        rows = Math.max(1, rows / 2);
        yield Attempt.AGAIN;
      }
      case TABLE_LOCKED -> Attempt.LATER;
      case CONNECTION_LOST, LOCK_LOST, SERVER_LIMIT -> throw e;
      default -> {
        keep(state.with(table.failed(problem(e)), null));
        yield Attempt.AGAIN;
      }
    };
  }

  private static String problem(CodedException e) {
    return e.codeName() + ": " + e.explanation();
  }

  @Override
  public boolean isReading() {
    return chunk != null;
  }

  @Override
  public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
    Chunk current = Objects.requireNonNull(chunk);
    Commit place = new Commit(0, position.plus(1), state.started());
    current.pending().remaining(row -> publish(current, place, row, publisher));
  }

  @Override
  public void acknowledged() {
    Chunk done = chunk;
    if (done == null) {
      return; // a row of it could not be published
    }
    chunk = null;
    List<Row> read = done.read().rows();
    long total = done.table().rows() + read.size();
    if (done.read().last()) {
      keep(state.with(done.table().done(total), null));
      return;
    }
    Cursor cursor = new Cursor(done.read().lastKey(), fingerprint(done.shape()));
    SnapshotState next = state.with(done.table().reading(total), cursor);
    try {
      keep(next);
    } catch (SnapshotRefusedException e) {
      keep(
          state.with(
              done.table()
                  .failed(
                      "KEY_TOO_LARGE: the key of its last row does not fit beside the other tables'"
                          + " progress. Load it alone."),
              null));
    }
  }

  private void publish(Chunk from, Commit place, Row row, Consumer<StreamRecord> publisher) {
    if (chunk == null) {
      return; // a row before it could not be published, so its table failed
    }
    TableName table = from.table().name();
    try {
      StreamRecord record =
          records.read(
              place,
              new RowChange(place.lsn(), Operation.INSERT, table, from.keyNames(), null, row));
      if (record != null) {
        publisher.accept(record);
        published++;
      }
    } catch (OversizeException | OutboxException e) {
      chunk = null;
      // Kept later: the session may be busy with the rows of a peek, and keeping asks it for the
      // lock.
      state = state.with(from.table().failed(problem(e)), null);
      unkept = true;
    }
  }

  private Set<Integer> unsettled() {
    Set<Integer> xids = state.unsettled();
    return xids == null ? Set.of() : xids;
  }

  /** Looks which transactions have become visible; returns whether all have. */
  private boolean settled() {
    if (unsettled().isEmpty()) {
      return true;
    }
    VisibleTransactions now = tables.visible();
    Set<Integer> rest = new HashSet<>(unsettled());
    rest.removeIf(xid -> now.includes(Integer.toUnsignedLong(xid)));
    state = state.unsettled(rest);
    return rest.isEmpty();
  }

  private boolean await(Duration atMost, Condition condition) {
    long until = pause.nanos() + atMost.toNanos();
    Duration next = Duration.ofMillis(5);
    while (!condition.holds()) {
      if (pause.nanos() - until >= 0) {
        return false;
      }
      pause.pause(next);
      next = limit(next.multipliedBy(2), Duration.ofMillis(200));
    }
    return true;
  }

  private interface Condition {
    boolean holds();
  }

  private void keep(SnapshotState next) {
    Set<Integer> xids = next.unsettled();
    boolean many = xids != null && xids.size() > MAX_UNSETTLED_KEPT;
    store.accept(many ? next.unsettled(null) : next);
    state = next;
    unkept = false;
  }

  private static String fingerprint(TableShape shape) {
    return Integer.toHexString(
        Objects.hash(
            shape.keyType(),
            shape.columnTypes(),
            shape.columns().stream().map(Column::name).toList(),
            shape.rowFilter(),
            shape.partitioned()));
  }
}

package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
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
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.snapshot.ChunkReader.Attempt;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
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

  /** With less time left no chunk is begun. */
  private static final long SHORTEST_READ_MILLIS = 2_000;

  /** If more transactions are waited for, the next run looks for them itself: they take room. */
  private static final int MAX_UNSETTLED_KEPT = 30;

  /** How long an advance waits for transactions to become visible; a standby may take longer. */
  private static final Duration VISIBLE_LIMIT = Duration.ofSeconds(1);

  private final TableReader tables;
  private final RecordMaker records;
  private final Consumer<SnapshotState> store;
  private final Pause pause;
  private final ChunkReader chunks;

  private SnapshotState state;
  private VisibleTransactions atWindow = new VisibleTransactions(0, Set.of());
  private @Nullable Chunk chunk;

  /** The chunk behind {@link #chunk}, which is read while that one is published. */
  private @Nullable ReadAhead ahead;

  private long published;
  private boolean unkept;

  /** Time, and waiting. */
  public interface Pause {

    /** The first pause of {@link #await}; each is twice as long as the one before. */
    Duration FIRST_PAUSE = Duration.ofMillis(5);

    /** No pause of {@link #await} is longer. */
    Duration LONGEST_PAUSE = Duration.ofMillis(200);

    /** Waits for about as long. */
    void pause(Duration duration);

    /** The time of day. */
    Instant now();

    /** Nanoseconds since some moment. */
    long nanos();

    /** Milliseconds until the run must stop reading; zero or negative once it must. */
    long leftMillis();

    /**
     * Waits until a condition holds, and asks for it less and less often.
     *
     * @return whether it held in time
     */
    default boolean await(Duration atMost, BooleanSupplier condition) {
      long until = nanos() + atMost.toNanos();
      Duration next = FIRST_PAUSE;
      while (!condition.getAsBoolean()) {
        if (nanos() - until >= 0) {
          return false;
        }
        pause(next);
        Duration twice = next.multipliedBy(2);
        next = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
      }
      return true;
    }
  }

  /**
   * A chunk that a thread of its own reads in the same session. Its database snapshot is taken
   * where the slot stands, as it would be once the chunk before it is published.
   *
   * @param table the table, once the chunk before is published
   * @param from the end of the chunk before
   */
  private record ReadAhead(Table table, Cursor from, CompletableFuture<Attempt> attempt) {}

  /**
   * @param state what the last run left
   * @param records makes the records of rows
   * @param store keeps the state for the next run
   * @param chunkBytes about how much heap the rows of a chunk may take; two chunks are in memory
   *     while one is published and the next one is read
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
    this.chunks = new ChunkReader(tables, pause, new ChunkSize(chunkBytes));
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
    pause.await(VISIBLE_LIMIT, this::settled);
    keep(state);
  }

  @Override
  public @Nullable Lsn read() {
    if (unkept) {
      keep(state);
    }
    Attempt attempt = wasReadAhead();
    while (true) {
      if (attempt instanceof Attempt.Read read) {
        chunk = read.chunk();
        return tables.flushLsn();
      }
      if (attempt instanceof Attempt.Failed failed) {
        keep(state.with(failed.table(), null));
      }
      Table table = state.next();
      if (attempt instanceof Attempt.Later
          || table == null
          || pause.leftMillis() <= SHORTEST_READ_MILLIS
          || !settled()) {
        return null;
      }
      attempt = chunks.read(table, state.cursor(), Duration.ofMillis(pause.leftMillis()));
    }
  }

  /** Starts to read the chunk behind this one, if the table goes on and it may be read now. */
  private void readAhead(Chunk current) {
    if (current.last() || pause.leftMillis() <= SHORTEST_READ_MILLIS || !settled()) {
      return;
    }
    Duration left = Duration.ofMillis(pause.leftMillis());
    CompletableFuture<Attempt> attempt = new CompletableFuture<>();
    ahead = new ReadAhead(current.after(), current.end(), attempt);
    Thread reader =
        new Thread(
            () -> {
              try {
                attempt.complete(chunks.read(current.after(), current.end(), left));
              } catch (RuntimeException | Error e) {
                attempt.completeExceptionally(e);
              }
            },
            "snapshot-reader");
    reader.setDaemon(true);
    reader.start();
  }

  @Override
  public boolean isReadingAhead() {
    return ahead != null && !ahead.attempt().isDone();
  }

  @Override
  public void awaitReadAhead() {
    if (ahead != null) {
      ahead.attempt().handle((attempt, failure) -> null).join();
    }
  }

  /** What came of reading ahead; null if nothing was, or if something else is to be read now. */
  private @Nullable Attempt wasReadAhead() {
    ReadAhead read = ahead;
    ahead = null;
    if (read == null || !read.table().equals(state.next()) || !read.from().equals(state.cursor())) {
      return null;
    }
    try {
      return read.attempt().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SlotException failure) {
        throw failure;
      }
      throw e;
    }
  }

  static String problem(CodedException e) {
    return e.codeName() + ": " + e.explanation();
  }

  @Override
  public boolean isReading() {
    return chunk != null;
  }

  @Override
  public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
    Chunk current = Objects.requireNonNull(chunk);
    readAhead(current);
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
    if (done.last()) {
      keep(state.with(done.after(), null));
      return;
    }
    try {
      keep(state.with(done.after(), done.end()));
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

  private void keep(SnapshotState next) {
    Set<Integer> xids = next.unsettled();
    boolean many = xids != null && xids.size() > MAX_UNSETTLED_KEPT;
    store.accept(many ? next.unsettled(null) : next);
    state = next;
    unkept = false;
  }
}

package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.SnapshotRun.Pause;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the chunks of tables. For one thread at a time. */
final class ChunkReader {

  /** The database snapshot of a chunk holds back vacuum: after this the server gives up. */
  private static final Duration READ_LIMIT = Duration.ofSeconds(10);

  /** Asynchronous commits are flushed within three times wal_writer_delay, by default 0.6 s. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(20);

  private static final long MAX_ROWS_WITHOUT_KEY = 10_000_000;

  private final TableReader tables;
  private final Pause pause;
  private final ChunkSize size;

  /** How the last chunk's table looked; reading the next one finds out whether it still does. */
  private @Nullable TableShape known;

  ChunkReader(TableReader tables, Pause pause, ChunkSize size) {
    this.tables = tables;
    this.pause = pause;
    this.size = size;
  }

  /** What came of an attempt to read a chunk. */
  sealed interface Attempt {

    /** The chunk, all of which the server has flushed. */
    record Read(Chunk chunk) implements Attempt {}

    /** The table cannot be loaded; says why. */
    record Failed(Table table) implements Attempt {}

    /** The table has changed meanwhile, or was asked for too much: the next attempt may do. */
    record Again() implements Attempt {}

    /** The table is locked, or what was read is not flushed yet. */
    record Later() implements Attempt {}
  }

  /**
   * Reads the next rows of a table.
   *
   * @param from where it goes on; null at its beginning
   * @param left until the run must stop reading
   * @throws SlotException if the session cannot be used any more
   */
  Attempt read(Table table, @Nullable Cursor from, Duration left) {
    try {
      return attempt(table, from, left);
    } catch (SlotException e) {
      return switch (e.code()) {
        case PEEK_TIMEOUT -> {
          boolean smallest = size.rows() == 1;
          size.halve();
          yield smallest ? failed(table, e) : new Attempt.Again();
        }
        case TABLE_LOCKED -> new Attempt.Later();
        case CONNECTION_LOST, LOCK_LOST, SERVER_LIMIT -> throw e;
        default -> failed(table, e);
      };
    }
  }

  private static Attempt failed(Table table, SlotException e) {
    return new Attempt.Failed(table.failed(SnapshotRun.problem(e)));
  }

  private Attempt attempt(Table table, @Nullable Cursor from, Duration left) {
    TableShape shape = from == null ? null : known;
    if (shape == null || !shape.table().equals(table.name())) {
      shape = tables.shape(table.name());
    }
    known = null;
    if (shape == null || shape.columns().isEmpty()) {
      return new Attempt.Failed(
          table.failed("TABLE_MISSING: the table is not there or not published any more."));
    }
    String fingerprint = fingerprint(shape);
    // If columns or key have changed, rows read before do not fit the rows to come.
    Cursor cursor = from != null && from.shape().equals(fingerprint) ? from : null;
    Table started =
        cursor == null
            ? new Table(table.name(), Phase.READING, 0, shape.estimatedRows(), pause.now(), null)
            : table;
    TableChunk read = rows(shape, cursor, shorter(READ_LIMIT, left));
    if (read == null) {
      return new Attempt.Again(); // it changed between the two looks
    }
    known = shape;
    if (shape.key().isEmpty() && !read.last()) {
      return new Attempt.Failed(
          started.failed(
              "TABLE_TOO_LARGE: a table without a key is read in one chunk, and this one is too"
                  + " large for that. Give it a primary key."));
    }
    // A server that crashes forgets what is not flushed, and what was read must not be ahead of it.
    Lsn written = tables.insertLsn();
    return pause.await(shorter(FLUSH_LIMIT, left), () -> tables.flushLsn().compareTo(written) >= 0)
        ? new Attempt.Read(Chunk.of(started, shape.keyNames(), fingerprint, read))
        : new Attempt.Later();
  }

  private @Nullable TableChunk rows(TableShape shape, @Nullable Cursor cursor, Duration limit) {
    long began = pause.nanos();
    TableChunk read =
        tables.read(
            shape,
            cursor == null ? null : cursor.after(),
            new TableChunk.Bounds(
                shape.key().isEmpty() ? MAX_ROWS_WITHOUT_KEY : size.rows(), size.bytes()),
            limit);
    if (read != null) {
      size.read(read.rows().size(), read.bytes(), Duration.ofNanos(pause.nanos() - began));
    }
    return read;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
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

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.RawRow;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one peek. A thread of its own takes the rows off the server at full speed,
 * because until then the server holds a snapshot and temporary files; they wait in a {@link Spool}.
 * A transaction is handed out once its end was read, so that its commit is known before its first
 * change.
 */
public final class Window implements AutoCloseable {

  private static final int BATCH_ROWS = 512;
  private static final int BATCH_BYTES = 256 * 1024;

  private final Slot.Peek peek;
  private final Decoder decoder;
  private final Thread reader;

  // Guarded by this.
  private final Spool spool;
  private final Queue<Commit> commits = new ArrayDeque<>();
  private boolean finished;
  private boolean stopped;
  private @Nullable Throwable failure;
  private long rows;

  // The consumer's own.
  private Iterator<RawRow> batch = List.<RawRow>of().iterator();

  private Window(Slot.Peek peek, Decoder decoder, Spool spool) {
    this.peek = peek;
    this.decoder = decoder;
    this.spool = spool;
    this.reader = new Thread(this::read, "slot-reader");
    reader.setDaemon(true);
  }

  /**
   * Starts to read.
   *
   * @param peek read and closed by the window
   * @param decoder asked only for the ends of transactions
   * @param spillThreshold bytes to hold in memory before rows are spilled
   * @param spillDirectory where they are spilled to
   */
  public static Window open(
      Slot.Peek peek, Decoder decoder, long spillThreshold, Path spillDirectory) {
    Window window = new Window(peek, decoder, new Spool(spillThreshold, spillDirectory));
    window.reader.start();
    return window;
  }

  private void read() {
    try (peek) {
      List<RawRow> rows = new ArrayList<>();
      List<Commit> ends = new ArrayList<>();
      int bytes = 0;
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        rows.add(row);
        Commit end = decoder.commitOf(row);
        if (end != null) {
          ends.add(end);
        }
        bytes += row.bytes().length;
        if (rows.size() >= BATCH_ROWS || bytes >= BATCH_BYTES) {
          put(rows, ends);
          rows = new ArrayList<>();
          ends.clear();
          bytes = 0;
        }
      }
      put(rows, ends);
      finish(null);
    } catch (RuntimeException | Error e) {
      finish(e);
    }
  }

  private synchronized void put(List<RawRow> more, List<Commit> ends) {
    if (!stopped && !more.isEmpty()) {
      spool.put(more);
      commits.addAll(ends);
      rows += more.size();
      notifyAll();
    }
  }

  private synchronized void finish(@Nullable Throwable cause) {
    failure = cause;
    finished = true;
    notifyAll();
  }

  /**
   * The end of the next transaction, waiting until it was read; its rows follow from {@link
   * #nextRow()}, the one that ends it included, and must all be taken before the next call.
   *
   * @return null after the last
   * @throws RuntimeException what stopped the reading, as soon as it is known
   */
  public synchronized @Nullable Commit nextTransaction() {
    while (true) {
      rethrow();
      Commit commit = commits.poll();
      if (commit != null) {
        return commit;
      }
      if (finished) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the slot", e);
      }
    }
  }

  private void rethrow() {
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  /** The next row of the transaction. */
  public RawRow nextRow() {
    while (!batch.hasNext()) {
      List<RawRow> next = nextBatch();
      if (next == null) {
        throw new IllegalStateException("a row was asked for after the last of a transaction");
      }
      batch = next.iterator();
    }
    return batch.next();
  }

  private synchronized @Nullable List<RawRow> nextBatch() {
    return spool.take();
  }

  /** How many rows were read so far; all of them once {@link #nextTransaction()} returned null. */
  public synchronized long rows() {
    return rows;
  }

  /** Stops reading, wherever it is, and waits until the session is free again. */
  @Override
  public void close() {
    boolean reading;
    synchronized (this) {
      stopped = true;
      reading = !finished;
    }
    if (reading) {
      peek.cancel();
    }
    boolean interrupted = false;
    while (true) {
      try {
        reader.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      spool.close();
    }
  }
}

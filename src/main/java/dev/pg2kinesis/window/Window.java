package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one peek. A thread of its own takes the rows off the server at full speed,
 * because until then the server holds a snapshot and temporary files; they wait in a {@link Spool}.
 * A transaction is handed out once its end was read, so that its commit is known before its first
 * change. What is remembered besides the rows is one commit for each batch of rows, so that a
 * window of millions of tiny transactions needs no more memory than one of few large ones.
 */
public final class Window implements AutoCloseable {

  private static final int BATCH_ROWS = 512;
  private static final int BATCH_BYTES = 256 * 1024;

  private final Slot.Peek peek;
  private final Decoder decoder;
  private final Thread reader;

  // Guarded by this.
  private final Spool spool;

  /** The first end in each of the spool's batches that has one. */
  private final Queue<Commit> ends = new ArrayDeque<>();

  private boolean finished;
  private boolean stopped;
  private @Nullable Throwable failure;
  private long rows;

  // The consumer's own.
  private List<RawRow> batch = List.of();
  private int next;
  private int end = -1;
  private boolean inTransaction;

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
      readBatches();
      finish(null);
    } catch (RuntimeException | Error e) {
      finish(e);
    }
  }

  private void readBatches() {
    List<RawRow> rows = new ArrayList<>();
    Commit firstEnd = null;
    int bytes = 0;
    try {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        Commit commit = decoder.commitOf(row);
        rows.add(row);
        if (firstEnd == null) {
          firstEnd = commit;
        }
        bytes += row.bytes().length;
        if (rows.size() >= BATCH_ROWS || bytes >= BATCH_BYTES) {
          List<RawRow> full = rows;
          rows = new ArrayList<>();
          put(full, firstEnd);
          firstEnd = null;
          bytes = 0;
        }
      }
    } catch (RuntimeException e) {
      // The transactions that are complete by now can still be published.
      if (!sessionIsGone(e) && !isSpillFailure(e)) {
        put(rows, firstEnd);
      }
      throw e;
    }
    put(rows, firstEnd);
  }

  private synchronized void put(List<RawRow> more, @Nullable Commit firstEnd) {
    if (!stopped && !more.isEmpty()) {
      spool.put(more);
      if (firstEnd != null) {
        ends.add(firstEnd);
      }
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
   * #nextRow()} and must all be taken before the next call.
   *
   * @return null after the last, when no rows are left
   * @throws RuntimeException what stopped the reading: where the session is gone, and with it the
   *     slot's lock, as soon as it is known; otherwise after the transactions that were read before
   */
  public @Nullable Commit nextTransaction() {
    if (inTransaction) {
      throw new IllegalStateException("the next transaction was asked for amid one");
    }
    for (end = next; end < batch.size(); end++) {
      Commit commit = decoder.commitOf(batch.get(end));
      if (commit != null) {
        failIfGone();
        inTransaction = true;
        return commit;
      }
    }
    Commit commit = awaitEnd();
    inTransaction = commit != null;
    return commit;
  }

  /** The first end that is still in the spool. */
  private synchronized @Nullable Commit awaitEnd() {
    while (true) {
      failIfGone();
      Commit commit = ends.peek();
      if (commit != null) {
        return commit;
      }
      if (finished) {
        fail(failure);
        failIfUnended();
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

  private synchronized void failIfGone() {
    if (failure instanceof Error || sessionIsGone(failure)) {
      fail(failure);
    }
  }

  /** A peek returns whole transactions. What it began and did not end, nothing may pass over. */
  private synchronized void failIfUnended() {
    if (next < batch.size() || !spool.isEmpty()) {
      throw new SlotException(
          SlotException.Code.DATABASE_FAILED,
          "the peek ended amid a transaction, which is not published.",
          null);
    }
  }

  private static boolean sessionIsGone(@Nullable Throwable cause) {
    return cause instanceof SlotException e && e.code() == SlotException.Code.CONNECTION_LOST;
  }

  private static boolean isSpillFailure(Throwable cause) {
    return cause instanceof SlotException e && e.code() == SlotException.Code.SPILL_FAILED;
  }

  private static void fail(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    if (cause instanceof Error error) {
      throw error;
    }
  }

  /** The next row of the transaction, the one that ends it included; null after that. */
  public @Nullable RawRow nextRow() {
    if (!inTransaction) {
      return null;
    }
    while (next == batch.size()) {
      batch = List.of();
      next = 0;
      batch = nextBatch();
    }
    inTransaction = next != end;
    return batch.get(next++);
  }

  private synchronized List<RawRow> nextBatch() {
    failIfGone();
    List<RawRow> taken = spool.take();
    if (taken == null) {
      throw new IllegalStateException("a transaction without its last row");
    }
    end = 0;
    while (end < taken.size() && decoder.commitOf(taken.get(end)) == null) {
      end++;
    }
    if (end < taken.size()) {
      ends.remove();
    }
    return taken;
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
    try {
      if (reading) {
        peek.cancel();
      }
    } finally {
      awaitReader();
      synchronized (this) {
        spool.close();
      }
    }
  }

  private void awaitReader() {
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
  }
}

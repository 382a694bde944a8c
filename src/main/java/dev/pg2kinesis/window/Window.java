package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one peek. The server holds a snapshot and temporary files until its rows are
 * read, so a separate thread reads them at full speed into a {@link Spool}.
 *
 * <p>A transaction is handed out once its end was read, so that its commit is known before its
 * first change. Besides the spool, memory holds one commit for each batch of rows, so a window of
 * millions of tiny transactions needs no more memory than a window of a few large ones.
 */
public final class Window implements AutoCloseable {

  private final Slot.Peek peek;
  private final CommitReader commits;
  private final Thread reader;

  // Guarded by this.
  private final Spool spool;

  /** The first commit in each batch of the spool that has one. */
  private final Queue<Commit> firstCommits = new ArrayDeque<>();

  private boolean finished;
  private boolean stopped;
  private @Nullable Throwable failure;
  private long rows;

  // Used by the consumer's thread only: a batch, and how much of it was handed out.
  private RowBatch batch = new RowBatch();
  private int nextRow;
  private int nextTransaction;
  private boolean inTransaction;

  private Window(Slot.Peek peek, CommitReader commits, Spool spool) {
    this.peek = peek;
    this.commits = commits;
    this.spool = spool;
    this.reader = new Thread(this::read, "slot-reader");
    reader.setDaemon(true);
  }

  /**
   * Starts to read.
   *
   * @param peek read and closed by the window
   * @param commits finds the ends of transactions; called by the reading thread
   * @param spill where the rows wait
   */
  public static Window open(Slot.Peek peek, CommitReader commits, Spill spill) {
    Window window = new Window(peek, commits, new Spool(spill));
    window.reader.start();
    return window;
  }

  private void read() {
    Throwable cause = null;
    try (peek) {
      readBatches();
    } catch (RuntimeException | Error e) {
      cause = e;
    }
    finish(cause);
  }

  private void readBatches() {
    RowBatch filling = new RowBatch();
    try {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        if (!filling.hasRoom(row.bytes().length)) {
          filling = putFull(filling);
        }
        filling.add(row, commits.commitOf(row));
        if (filling.isFull()) {
          filling = putFull(filling); // a large row leaves the memory before the next one comes
        }
      }
    } catch (RuntimeException e) {
      // The transactions that are complete by now can still be published.
      if (!sessionIsGone(e) && !(e instanceof SpillException)) {
        put(filling);
      }
      throw e;
    }
    put(filling);
  }

  /** Puts a batch, and returns the one for the next rows. */
  private RowBatch putFull(RowBatch full) {
    RowBatch next = RowBatch.after(full);
    put(full);
    return next;
  }

  private synchronized void put(RowBatch full) {
    if (!stopped && !full.isEmpty()) {
      spool.put(full);
      if (full.transactions() > 0) {
        firstCommits.add(full.commit(0));
      }
      rows += full.size();
      notifyAll();
    }
  }

  private synchronized void finish(@Nullable Throwable cause) {
    failure = cause;
    finished = true;
    notifyAll();
  }

  /**
   * The commit of the next transaction, waiting until its end was read. Its rows follow from {@link
   * #nextRow()}; take all of them before the next call.
   *
   * @return null after the last transaction, when no rows are left
   * @throws RuntimeException the failure that stopped the reading: at once if the session is gone,
   *     because the slot's lock is gone with it; otherwise after the transactions that were read
   *     before it
   */
  public @Nullable Commit nextTransaction() {
    if (inTransaction) {
      throw new IllegalStateException(
          "nextTransaction() called before all rows of the current one were taken");
    }
    Commit commit;
    if (nextTransaction < batch.transactions()) {
      failIfGone();
      commit = batch.commit(nextTransaction);
    } else {
      commit = awaitCommit();
    }
    inTransaction = commit != null;
    return commit;
  }

  /** The first commit that is still in the spool. */
  private synchronized @Nullable Commit awaitCommit() {
    while (true) {
      failIfGone();
      Commit commit = firstCommits.peek();
      if (commit != null) {
        return commit;
      }
      if (finished) {
        fail(failure);
        failIfIncomplete();
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

  /**
   * A peek returns whole transactions. An unfinished one at its end is an error: advancing past it
   * would lose it.
   */
  private synchronized void failIfIncomplete() {
    if (nextRow < batch.size() || !spool.isEmpty()) {
      throw new IncompletePeekException();
    }
  }

  private static boolean sessionIsGone(@Nullable Throwable cause) {
    return cause instanceof SlotException e && e.code() == SlotException.Code.CONNECTION_LOST;
  }

  private static void fail(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException exception) {
      throw exception;
    }
    if (cause instanceof Error error) {
      throw error;
    }
  }

  /** The next row of the transaction, up to and including the row that ends it; null after that. */
  public @Nullable RawRow nextRow() {
    if (!inTransaction) {
      return null;
    }
    while (nextRow == batch.size()) {
      batch = new RowBatch(); // so that the old rows are garbage while the next are read
      nextRow = 0;
      nextTransaction = 0;
      batch = takeBatch();
    }
    if (batch.isEndOf(nextTransaction, nextRow)) {
      nextTransaction++;
      inTransaction = false;
    }
    return batch.row(nextRow++);
  }

  private synchronized RowBatch takeBatch() {
    failIfGone();
    RowBatch taken = spool.take();
    if (taken == null) {
      throw new IllegalStateException("a transaction without its last row");
    }
    if (taken.transactions() > 0) {
      firstCommits.remove();
    }
    return taken;
  }

  /**
   * Whether rows still arrive; the session is free again once they do not.
   *
   * @throws RuntimeException the failure that stopped the reading, if the session is gone
   */
  public synchronized boolean isReading() {
    failIfGone();
    return !finished;
  }

  /** How many rows were read so far; all of them once {@link #nextTransaction()} returned null. */
  public synchronized long rows() {
    return rows;
  }

  /** Stops the reading and waits until the session is free again. */
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

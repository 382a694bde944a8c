package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.DecodeException;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Publishes the transactions of one peek: rows, changes, records, acknowledgements. Never moves the
 * slot.
 */
public final class WindowPublisher {

  /** After this many rows of a transaction, check the deadline and mark the progress. */
  private static final int CHECK_ROWS = 256;

  /**
   * After this many transactions, ask the publisher how much is acknowledged, so that the queue of
   * marks stays short.
   */
  private static final int CHECK_TRANSACTIONS = 1024;

  private final Slot slot;
  private final RecordMaker records;
  private final Publisher publisher;
  private final LockFence fence;
  private final Snapshot snapshot;
  private final Visibility visibility;
  private final Spill spill;
  private final Deadline deadline;
  private final InstantSource clock;

  private long windows;

  /**
   * @param fence what {@code publisher} asks before it sends
   * @param snapshot what is loaded from the tables
   * @param visibility which transactions may be published
   * @param deadline when reading must stop; acknowledging and advancing take their time after that
   */
  public WindowPublisher(
      Slot slot,
      RecordMaker records,
      Publisher publisher,
      LockFence fence,
      Snapshot snapshot,
      Visibility visibility,
      Spill spill,
      Deadline deadline,
      InstantSource clock) {
    this.slot = slot;
    this.records = records;
    this.publisher = publisher;
    this.fence = fence;
    this.snapshot = snapshot;
    this.visibility = visibility;
    this.spill = spill;
    this.deadline = deadline;
    this.clock = clock;
  }

  /**
   * Publishes one window and waits until it is acknowledged, as far as time allows. A failure is
   * returned and not thrown; what was handed over before it is sent, unless the lock is gone.
   *
   * @param upTo the bound of the peek
   * @param rows rows after which the peek starts no further transaction
   * @param timeout how long the server may take
   */
  WindowEnd publish(Lsn upTo, long rows, Duration timeout, RunProgress progress) {
    windows++;
    WindowEnd end;
    try {
      end = read(upTo, rows, timeout, progress);
      publisher.flush();
    } catch (PublishException e) {
      end =
          e.code() == PublishException.Code.DEADLINE
              ? WindowEnd.of(WindowEnd.Kind.OUT_OF_TIME)
              : WindowEnd.failed(e);
    } catch (RuntimeException e) {
      end = WindowEnd.failed(e);
    }
    if (!end.isComplete() && !end.lockIsGone()) {
      flushAfter(end);
    }
    acknowledge(progress);
    return end;
  }

  private WindowEnd read(Lsn upTo, long rows, Duration timeout, RunProgress progress) {
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    snapshot.windowBegins();
    visibility.windowBegins();
    try (Window window =
        Window.open(slot.peek(upTo, rows, timeout), Decoders.commitReader(slot.plugin()), spill)) {
      fence.reading(window);
      long transactions = 0;
      for (Commit commit = window.nextTransaction();
          commit != null;
          commit = window.nextTransaction()) {
        if (!visibility.admits(commit)) {
          return WindowEnd.of(WindowEnd.Kind.NOT_VISIBLE);
        }
        if (deadline.passed() || !publishTransaction(commit, window, decoder, progress)) {
          return WindowEnd.of(WindowEnd.Kind.OUT_OF_TIME);
        }
        if (++transactions % CHECK_TRANSACTIONS == 0) {
          acknowledge(progress);
        }
      }
      return WindowEnd.of(window.rows() < rows ? WindowEnd.Kind.WHOLE : WindowEnd.Kind.CUT_BY_ROWS);
    }
  }

  /**
   * Hands one transaction over to the publisher.
   *
   * @return false if time ran out before its end
   */
  private boolean publishTransaction(
      Commit commit, Window window, Decoder decoder, RunProgress progress) {
    progress.begin(commit);
    snapshot.decoded(commit);
    RecordMaker.Transaction transaction = records.begin(commit);
    Consumer<StreamRecord> made = streamRecord -> publishChange(streamRecord, progress);
    Consumer<StreamRecord> read = streamRecord -> publish(streamRecord, progress);
    Consumer<Change> decoded =
        change -> {
          snapshot.before(commit, change, read);
          transaction.accept(change, made);
        };
    long rows = 0;
    for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
      if (++rows % CHECK_ROWS == 0) {
        progress.mark(transaction.changes());
        acknowledge(progress);
        if (deadline.passed()) {
          return false;
        }
      }
      try {
        decoder.decode(row, decoded);
      } catch (DecodeException e) {
        throw new UnreadableTransactionException(commit, e);
      }
    }
    transaction.end(made);
    progress.end();
    return true;
  }

  private void publishChange(StreamRecord streamRecord, RunProgress progress) {
    if (!progress.isAlreadySent(streamRecord.ordinal())) {
      publish(streamRecord, progress);
    }
  }

  private void publish(StreamRecord streamRecord, RunProgress progress) {
    publisher.publish(streamRecord);
    progress.handedOver();
  }

  /**
   * Publishes the rows of a snapshot's chunk that no change has reached, and waits until they are
   * acknowledged.
   *
   * @param position where the slot is
   * @return false if time ran out before that
   */
  boolean publishRemaining(Lsn position, RunProgress progress) {
    fence.loading(snapshot);
    try {
      snapshot.publishRemaining(position, row -> publish(row, progress));
      publisher.flush();
    } catch (PublishException e) {
      if (e.code() == PublishException.Code.DEADLINE) {
        return false;
      }
      throw e;
    } finally {
      snapshot.awaitReadAhead();
    }
    acknowledge(progress);
    snapshot.acknowledged();
    return true;
  }

  /**
   * Waits a little for the transaction that the last window ended before, if it ended before one.
   *
   * @return false if the transaction is still not visible
   */
  boolean awaitVisible() {
    return visibility.await(deadline);
  }

  private void acknowledge(RunProgress progress) {
    progress.acknowledged(publisher.acknowledged(), clock.instant());
  }

  /** Records that were handed over before the end are good: send them once, now. */
  private void flushAfter(WindowEnd end) {
    try {
      publisher.flush();
    } catch (PublishException e) {
      RuntimeException failure = end.failure();
      if (failure != null && failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Counts for the report. */
  RunReport.Counts counts(RunProgress progress) {
    return new RunReport.Counts(
        windows,
        progress.transactions(),
        records.changes(),
        records.filtered(),
        records.oversized(),
        publisher.totals(),
        progress.oldestAgeMillis(),
        snapshot.rows(),
        visibility.waitsFor());
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.aws.AwsException;
import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.DecodeException;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.window.SpillException;
import dev.pg2kinesis.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run: peeks a bounded window of the slot, publishes its transactions, and only then advances
 * the slot, until it has caught up or time is up.
 *
 * <p>The rule that nothing is lost by (invariant I1): the slot moves to the end of a transaction
 * whose records are all acknowledged, as are those of all before it; or to a flush LSN that was
 * captured before the peek, when the peek returned everything up to it and all of that is
 * acknowledged.
 */
public final class Relay {

  /** The deadline is looked at every so many rows, which is quick enough at any row size. */
  private static final int ROWS_PER_LOOK = 256;

  /** So many ends wait before it is looked at which are acknowledged: they take memory. */
  private static final int ENDS_PER_LOOK = 1024;

  /** How long a run goes on. */
  private enum Mode {
    /** Up to the flush LSN seen at the start. */
    POLL,
    /** Until the slot is empty, changes that arrive in the meantime included. */
    DRAIN;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Slot slot;
  private final Function<Catalog, Decoder> decoders;
  private final RecordMaker records;
  private final Publisher publisher;
  private final Watermark watermark;
  private final Limits limits;
  private final Deadline deadline;
  private final InstantSource clock;

  private final Queue<End> ends = new ArrayDeque<>();
  private final PartlySent partlySent = new PartlySent();
  private long handedOver;
  private long transactions;
  private long windows;
  private @Nullable Lsn published;
  private @Nullable Instant oldest;
  private @Nullable Long oldestAgeMs;
  private @Nullable Commit unfinished;
  private @Nullable CodedException tooLarge;
  private long sentBefore;
  private boolean placeKept;
  private boolean publisherOutOfTime;
  private WindowSize size;

  /** The end of a transaction, and how many records were handed over by then. */
  private record End(Commit commit, long records) {}

  /**
   * Bounds of a run.
   *
   * @param windowRows rows of the first window
   * @param windowWalBytes bytes of WAL of the first window
   * @param timeReserveMillis how long before the deadline reading stops, for acknowledging and
   *     advancing
   * @param spillThreshold bytes of rows that wait in memory
   * @param spillDirectory where the others wait
   */
  public record Limits(
      long windowRows,
      long windowWalBytes,
      long timeReserveMillis,
      long spillThreshold,
      Path spillDirectory) {

    /**
     * How many bytes of rows may wait in memory. Past a quarter of the heap, collecting garbage
     * costs more than a file does.
     */
    public static long spillThreshold(long setting, long heapBytes) {
      return Math.min(setting, heapBytes / 4);
    }
  }

  public Relay(
      Slot slot,
      Function<Catalog, Decoder> decoders,
      RecordMaker records,
      Publisher publisher,
      Watermark watermark,
      Limits limits,
      Deadline deadline,
      InstantSource clock) {
    this.slot = slot;
    this.decoders = decoders;
    this.records = records;
    this.publisher = publisher;
    this.watermark = watermark;
    this.limits = limits;
    this.deadline = deadline;
    this.clock = clock;
    this.size = WindowSize.of(limits.windowRows(), limits.windowWalBytes());
  }

  /** Publishes up to the flush LSN seen at the start, or until the deadline. */
  public RunReport poll() {
    return run(Mode.POLL);
  }

  /** Publishes until the slot is empty, changes that arrive meanwhile included. */
  public RunReport drain() {
    return run(Mode.DRAIN);
  }

  private RunReport run(Mode mode) {
    Instant started = clock.instant();
    Slot.Position first = slot.position();
    Slot.Position position = first;
    Lsn target = first.flush();
    RunReport.Outcome outcome = RunReport.Outcome.DEADLINE;
    while (timeLeft()) {
      if (!target.isAfter(position.confirmed())) {
        boolean chase = mode == Mode.DRAIN && transactions > 0;
        if (!chase || !position.flush().isAfter(target) || !found()) {
          outcome = RunReport.Outcome.CAUGHT_UP;
          break;
        }
        target = position.flush();
      }
      window(position, target);
      position = slot.position();
    }
    if (outcome == RunReport.Outcome.DEADLINE && position.confirmed().equals(first.confirmed())) {
      complainIfStuck();
    }
    return report(mode, outcome, first, position, started);
  }

  private long transactionsAtLastTarget;

  /** Whether transactions were published since this was last asked. */
  private boolean found() {
    boolean found = transactions > transactionsAtLastTarget;
    transactionsAtLastTarget = transactions;
    return found;
  }

  /** One peek, published and advanced over as far as it was acknowledged. */
  private void window(Slot.Position position, Lsn target) {
    Lsn upTo = size.upTo(position, target);
    long rowBudget = size.rows();
    Instant began = clock.instant();
    boolean whole;
    try {
      whole = publish(upTo, rowBudget);
    } catch (PublishException e) {
      publisherOutOfTime = e.code() == PublishException.Code.DEADLINE;
      keepWhatWasPublished(position, e);
      if (!publisherOutOfTime) {
        throw e;
      }
      return;
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.CONNECTION_LOST) {
        keepWhatWasPublished(position, e);
      } // Otherwise the lock is gone too: another run may be publishing, and this one must not.
      if (!smallerMayDo(e)) {
        throw e;
      }
      tooLarge = e;
      size = size.shrunk();
      return;
    } catch (SpillException e) {
      keepWhatWasPublished(position, e);
      if (!size.canShrink()) {
        throw e;
      }
      tooLarge = e;
      size = size.shrunk();
      return;
    } catch (RuntimeException e) {
      keepWhatWasPublished(position, e);
      throw e;
    }
    Lsn done = acknowledged();
    Lsn to = whole ? (done == null ? upTo : Lsn.max(upTo, done)) : done;
    advance(position, to);
    long elapsed = Duration.between(began, clock.instant()).toMillis();
    boolean rereads = rereads(position, to);
    if (elapsed < deadline.remainingMillis() / (rereads ? 2 : 4)) {
      size = rereads ? size.grown().grown() : size.grown();
    }
  }

  /** Whether a good part of what the server read for the window lay before the slot's position. */
  private static boolean rereads(Slot.Position position, @Nullable Lsn to) {
    long drained = to == null ? 0 : to.bytesSince(position.confirmed());
    return position.confirmed().bytesSince(position.restart()) * 2 > drained;
  }

  private boolean smallerMayDo(SlotException e) {
    return switch (e.code()) {
      case PEEK_TIMEOUT -> size.canShrink() || !timeLeft();
      case SERVER_LIMIT -> size.canShrink();
      default -> false;
    };
  }

  /**
   * Publishes the transactions of one peek.
   *
   * @return whether everything up to {@code upTo} was returned and is acknowledged
   */
  private boolean publish(Lsn upTo, long rowBudget) {
    windows++;
    Decoder decoder = decoders.apply(slot.catalog());
    boolean all = true;
    long rows;
    try (Window window =
        Window.open(
            slot.peek(upTo, rowBudget, peekTimeout()),
            Decoders.commitReader(slot.plugin()),
            limits.spillThreshold(),
            limits.spillDirectory())) {
      for (Commit commit = window.nextTransaction();
          commit != null;
          commit = window.nextTransaction()) {
        if (!timeLeft()) {
          all = false;
          break;
        }
        transaction(commit, window, decoder);
      }
      rows = window.rows();
    }
    publisher.flush();
    return all && rows < rowBudget;
  }

  /** A window that has grown leaves time for a smaller one to be tried after it. */
  private Duration peekTimeout() {
    long millis = size.growth() > 1 ? untilReserve() / 2 : untilReserve();
    return Duration.ofMillis(Math.max(1, millis));
  }

  private void transaction(Commit commit, Window window, Decoder decoder) {
    unfinished = commit;
    sentBefore = sentBefore(commit);
    RecordMaker.Transaction transaction = records.begin(commit);
    long looked = 0;
    for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
      if (++looked % ROWS_PER_LOOK == 0) {
        partlySent.mark(commit, handedOver, transaction.changes());
        partlySent.changes(commit, publisher.acknowledged());
      }
      if (looked % ROWS_PER_LOOK == 0 && !timeLeft()) {
        throw new PublishException(
            PublishException.Code.DEADLINE, "time is up inside a transaction", null);
      }
      decode(row, commit, decoder, transaction);
    }
    unfinished = null;
    ends.add(new End(commit, handedOver));
    if (ends.size() % ENDS_PER_LOOK == 0) {
      acknowledged();
    }
  }

  private void decode(
      RawRow row, Commit commit, Decoder decoder, RecordMaker.Transaction transaction) {
    try {
      decoder.decode(row, change -> transaction.accept(change, this::publish));
    } catch (DecodeException e) {
      throw new UnreadableTransactionException(commit, e);
    }
  }

  /** How many changes of a transaction earlier runs published. */
  private long sentBefore(Commit commit) {
    Watermark.Place place = watermark.resumeAt();
    return place != null && place.isIn(commit) ? place.changes() : 0;
  }

  private void publish(StreamRecord streamRecord) {
    if (streamRecord.ordinal() < sentBefore) {
      return;
    }
    publisher.publish(streamRecord);
    handedOver++;
  }

  /** The end of the last transaction that is acknowledged with all before it; null if none is. */
  private @Nullable Lsn acknowledged() {
    long acknowledged = publisher.acknowledged();
    Instant now = clock.instant();
    for (End end = ends.peek(); end != null && end.records() <= acknowledged; end = ends.peek()) {
      ends.remove();
      transactions++;
      published = end.commit().lsn();
      Instant time = end.commit().time();
      if (time != null && (oldest == null || time.isBefore(oldest))) {
        oldest = time;
        oldestAgeMs = Math.max(0, Duration.between(time, now).toMillis());
      }
    }
    return published;
  }

  private void advance(Slot.Position position, @Nullable Lsn to) {
    if (to != null && to.isAfter(position.confirmed())) {
      watermark.advancing(to, published);
      slot.advance(to);
    }
  }

  /** What was handed over before unreadable input is good, and is not to be sent again. */
  private void keepWhatWasPublished(Slot.Position position, RuntimeException failure) {
    try {
      publisher.flush();
    } catch (PublishException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
    keepWhatIsAcknowledged(position, failure);
  }

  /** A failure must not cost what was acknowledged before it, and it is what is to be reported. */
  private void keepWhatIsAcknowledged(Slot.Position position, RuntimeException failure) {
    try {
      advance(position, acknowledged());
      keepPlace();
    } catch (SlotException | AwsException e) {
      failure.addSuppressed(e);
      if (publisherOutOfTime) {
        throw e;
      }
    }
  }

  /** Remembers how much of a transaction that is not finished is on the stream. */
  private void keepPlace() {
    Commit commit = firstUnacknowledged();
    if (commit == null) {
      return;
    }
    long changes = partlySent.changes(commit, publisher.acknowledged());
    if (changes > sentBefore(commit)) {
      placeKept = watermark.reached(new Watermark.Place(commit.lsn(), commit.xid(), changes));
    }
  }

  /** The transaction that the run stops in: it may have been handed over in full all the same. */
  private @Nullable Commit firstUnacknowledged() {
    End end = ends.peek();
    return end == null ? unfinished : end.commit();
  }

  /** What takes longer than a whole run would be tried again for ever, and must not look well. */
  private void complainIfStuck() {
    if (placeKept) {
      return;
    }
    Commit commit = firstUnacknowledged();
    if (commit != null) {
      throw new TransactionTooLongException(commit, publisher.acknowledged());
    }
    if (tooLarge != null) {
      throw tooLarge;
    }
  }

  /** A transaction that stops every run, until what reads it is mended or it is skipped. */
  static final class UnreadableTransactionException extends CodedException {
    private static final long serialVersionUID = 1L;

    UnreadableTransactionException(Commit commit, DecodeException cause) {
      super(
          cause.codeName(),
          cause.explanation()
              + " It is in the transaction with commit LSN "
              + commit.lsn()
              + "; {\"action\":\"skip\",\"to\":\""
              + commit.lsn()
              + "\"} gives that up and goes on.",
          cause);
    }
  }

  /** No run is long enough for this transaction. */
  static final class TransactionTooLongException extends CodedException {
    private static final long serialVersionUID = 1L;

    TransactionTooLongException(Commit commit, long records) {
      super(
          "TRANSACTION_TOO_LONG",
          "the transaction with commit LSN "
              + commit.lsn()
              + " did not fit into one run; "
              + records
              + " of its records were sent and will be sent again. Give the function more time, or"
              + " set WATERMARK_PARAMETER so that the next run goes on where this one stopped.",
          null);
    }
  }

  private boolean timeLeft() {
    return !publisherOutOfTime && untilReserve() > 0;
  }

  private long untilReserve() {
    return deadline.remainingMillis() - limits.timeReserveMillis();
  }

  private RunReport report(
      Mode mode,
      RunReport.Outcome outcome,
      Slot.Position first,
      Slot.Position last,
      Instant started) {
    Publisher.Totals totals = publisher.totals();
    return new RunReport(
        mode.text(),
        outcome,
        windows,
        transactions,
        records.changes(),
        records.filtered(),
        records.oversized(),
        totals.records(),
        totals.bytes(),
        totals.retriedRecords(),
        first.confirmed(),
        last.confirmed(),
        last.flush().bytesSince(last.confirmed()),
        last.flush().bytesSince(last.restart()),
        last.walStatus(),
        oldestAgeMs,
        Duration.between(started, clock.instant()).toMillis());
  }
}

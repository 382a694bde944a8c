package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.watermark.ResumePoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What was handed over to the publisher and how much of it is acknowledged; from that, where the
 * slot may go. Pure bookkeeping, for one thread.
 *
 * <p>Acknowledgements come as a count of records, and a change yields zero to two records. Marks
 * taken along the way translate that count into transactions and changes.
 */
final class RunProgress {

  private final @Nullable ResumePoint resumedAt;

  /** Marks of records that are not known to be acknowledged yet, in order. */
  private final Queue<Mark> marks = new ArrayDeque<>();

  private @Nullable Commit current;
  private long alreadySent;
  private long handedOver;
  private long acknowledged;
  private long transactions;
  private @Nullable Lsn safeLsn;
  private @Nullable Mark lastMarkInTransaction;
  private @Nullable Instant oldest;
  private @Nullable Long oldestAgeMillis;

  /**
   * A checkpoint: the first {@code records} records of the run contain the first {@code changes}
   * changes of the transaction, or all of them if {@code end}.
   */
  private record Mark(Commit commit, long records, long changes, boolean end) {}

  /**
   * @param resumedAt where the last run stopped inside a transaction, if it did
   */
  RunProgress(@Nullable ResumePoint resumedAt) {
    this.resumedAt = resumedAt;
  }

  /** The changes that follow are this transaction's. */
  void begin(Commit commit) {
    current = commit;
    alreadySent = alreadySent(commit);
  }

  private long alreadySent(Commit commit) {
    return resumedAt != null && resumedAt.isIn(commit) ? resumedAt.changes() : 0;
  }

  /** Whether an earlier run put the change on the stream and remembered that. */
  boolean isAlreadySent(long ordinal) {
    return ordinal < alreadySent;
  }

  /** One more record was handed over. */
  void handedOver() {
    handedOver++;
  }

  /** What was handed over so far holds this many changes of the present transaction. */
  void mark(long changes) {
    if (current != null) {
      marks.add(new Mark(current, handedOver, changes, false));
    }
  }

  /** All of the present transaction is handed over. */
  void end() {
    if (current != null) {
      marks.add(new Mark(current, handedOver, 0, true));
      current = null;
    }
  }

  /**
   * The first {@code records} records that were handed over are acknowledged.
   *
   * @param now when that was found
   */
  void acknowledged(long records, Instant now) {
    acknowledged = records;
    for (Mark mark = marks.peek(); mark != null && mark.records <= records; mark = marks.peek()) {
      marks.remove();
      if (mark.end) {
        transactions++;
        safeLsn = mark.commit.lsn();
        lastMarkInTransaction = null;
        age(mark.commit.time(), now);
      } else {
        lastMarkInTransaction = mark;
      }
    }
  }

  private void age(@Nullable Instant committed, Instant now) {
    if (committed != null && (oldest == null || committed.isBefore(oldest))) {
      oldest = committed;
      oldestAgeMillis = Math.max(0, Duration.between(committed, now).toMillis());
    }
  }

  /**
   * The end of the last transaction that is acknowledged with all before it: the furthest that the
   * slot may go. Null if there is none.
   */
  @Nullable Lsn safeLsn() {
    return safeLsn;
  }

  /** The first transaction that is not acknowledged completely; null if there is none. */
  @Nullable Commit firstUnacknowledged() {
    Mark mark = marks.peek();
    return mark == null ? current : mark.commit;
  }

  /**
   * How much of {@link #firstUnacknowledged()} is acknowledged, as far as marks tell; null if this
   * run got no further into the transaction than earlier runs.
   */
  @Nullable ResumePoint resumePoint() {
    Mark reached = lastMarkInTransaction;
    return reached == null || reached.changes <= alreadySent(reached.commit)
        ? null
        : new ResumePoint(reached.commit.lsn(), reached.commit.xid(), reached.changes);
  }

  /** Records acknowledged with all before them. */
  long acknowledgedRecords() {
    return acknowledged;
  }

  /** Transactions acknowledged, empty ones included. */
  long transactions() {
    return transactions;
  }

  /**
   * How old the oldest acknowledged change was when its acknowledgement was found, in milliseconds;
   * null if there is none.
   */
  @Nullable Long oldestAgeMillis() {
    return oldestAgeMillis;
  }
}

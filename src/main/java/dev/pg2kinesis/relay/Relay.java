package dev.pg2kinesis.relay;

import dev.pg2kinesis.aws.AwsException;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.watermark.ResumePoint;
import dev.pg2kinesis.watermark.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * One run: peeks a bounded window of the slot, publishes its transactions, and only then advances
 * the slot, until it has caught up or time runs out.
 *
 * <p>Invariant I1 prevents loss. The slot may move to one of two positions: the end of a
 * transaction, once it and all earlier ones are acknowledged; or the flush LSN that was read before
 * the peek, once the peek has returned everything up to it and all of that is acknowledged.
 */
public final class Relay {

  private final Slot slot;
  private final WindowPublisher windows;
  private final Watermark watermark;
  private final Snapshot snapshot;
  private final Deadline deadline;
  private final InstantSource clock;
  private final RunProgress progress;

  private WindowSize windowSize;
  private boolean resumePointSaved;
  private @Nullable RuntimeException tooLarge;

  /** The transaction that the server cannot decode, once it is found; the run ends before it. */
  private @Nullable Obstacle obstacle;

  /**
   * @param snapshot what is loaded from the tables where the slot has caught up
   * @param windowSize the first window's size
   * @param deadline when the last window must have been read
   */
  public Relay(
      Slot slot,
      WindowPublisher windows,
      Watermark watermark,
      Snapshot snapshot,
      WindowSize windowSize,
      Deadline deadline,
      InstantSource clock) {
    this.slot = slot;
    this.windows = windows;
    this.watermark = watermark;
    this.snapshot = snapshot;
    this.windowSize = windowSize;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = new RunProgress(watermark.resumePoint());
  }

  /** Runs once. */
  public RunReport run(Mode mode) {
    Instant started = clock.instant();
    Slot.Position first = slot.position();
    Slot.Position position = first;
    Lsn target = first.flush();
    long published = 0;
    boolean outOfTime = deadline.passed();
    while (!outOfTime) {
      if (obstacle != null && !obstacle.before().isAfter(position.confirmed())) {
        throw obstacle.failure();
      }
      if (!target.isAfter(position.confirmed())) {
        if (snapshot.isReading() && !windows.publishRemaining(position.confirmed(), progress)) {
          break;
        }
        Lsn chunkEnd = snapshot.read();
        if (chunkEnd != null) {
          target = chunkEnd;
          continue;
        }
        boolean chase = mode == Mode.DRAIN && progress.transactions() > published;
        if (!chase || !position.flush().isAfter(target)) {
          return report(RunReport.Outcome.CAUGHT_UP, first, position, started);
        }
        published = progress.transactions();
        target = position.flush();
      }
      outOfTime = !publishWindow(position, target) || deadline.passed();
      if (!outOfTime && !windows.awaitVisible()) {
        return report(RunReport.Outcome.CAUGHT_UP, first, slot.position(), started);
      }
      position = slot.position();
    }
    if (position.confirmed().equals(first.confirmed())) {
      failIfNoProgress();
    }
    return report(RunReport.Outcome.DEADLINE, first, position, started);
  }

  /**
   * Publishes one window, and advances the slot as far as it is acknowledged.
   *
   * @return false if time ran out; true if another window may be tried, also after a failure that a
   *     smaller window can avoid
   */
  private boolean publishWindow(Slot.Position position, Lsn target) {
    Instant began = clock.instant();
    Lsn upTo =
        windowSize.upTo(position, obstacle == null ? target : Lsn.min(target, obstacle.before()));
    // A window that has grown leaves time for a smaller one to be tried after it.
    Duration timeout = windowSize.growth() > 1 ? deadline.halfLeft() : deadline.left();
    WindowEnd end = windows.publish(upTo, windowSize.rows(), timeout, progress);
    RuntimeException failure = end.failure();
    if (failure != null) {
      keepAcknowledged(position, end, failure);
      if (failure instanceof UndecodableException undecodable) {
        obstacle = Obstacle.find(slot, undecodable, upTo, deadline);
        return true;
      }
      if (end.kind() != WindowEnd.Kind.TOO_LARGE
          || !(windowSize.canShrink() || deadline.passed())) {
        throw failure;
      }
      tooLarge = failure;
      windowSize = windowSize.shrunk();
      return true;
    }
    Lsn to = end.safePosition(progress.safeLsn(), upTo);
    advance(position, to);
    saveResumePoint();
    if (end.kind() != WindowEnd.Kind.NOT_VISIBLE) {
      windowSize =
          windowSize.after(position, to, Duration.between(began, clock.instant()), deadline);
    }
    return end.isComplete();
  }

  /**
   * Advances over what was acknowledged before a failure, which is then thrown or followed by a
   * smaller window. A second failure is attached to it.
   */
  private void keepAcknowledged(Slot.Position position, WindowEnd end, RuntimeException failure) {
    if (end.lockIsGone()) {
      return;
    }
    try {
      advance(position, progress.safeLsn());
      saveResumePoint();
    } catch (SlotException | AwsException e) {
      failure.addSuppressed(e);
    }
  }

  private void advance(Slot.Position position, @Nullable Lsn to) {
    if (to != null && to.isAfter(position.confirmed())) {
      snapshot.beforeAdvance();
      watermark.beforeAdvance(to, progress.safeLsn());
      slot.advance(to);
    }
  }

  /** Saves how much of an unfinished transaction is on the stream, for the next run. */
  private void saveResumePoint() {
    ResumePoint point = progress.resumePoint();
    if (point != null) {
      resumePointSaved = watermark.saveResumePoint(point);
    }
  }

  /**
   * A run that began a transaction and advanced nothing must fail, or the same work would be
   * retried forever and look healthy.
   */
  private void failIfNoProgress() {
    if (resumePointSaved) {
      return;
    }
    Commit commit = progress.firstUnacknowledged();
    if (commit != null) {
      throw new TransactionTooLongException(commit, progress.acknowledgedRecords());
    }
    if (tooLarge != null) {
      throw tooLarge;
    }
  }

  private RunReport report(
      RunReport.Outcome outcome, Slot.Position first, Slot.Position last, Instant started) {
    return new RunReport(
        outcome,
        windows.counts(progress),
        new RunReport.Move(first, last),
        Duration.between(started, clock.instant()));
  }
}

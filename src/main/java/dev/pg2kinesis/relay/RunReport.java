package dev.pg2kinesis.relay;

import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one run did.
 *
 * @param outcome how it ended
 * @param counts what was finished in this run
 * @param move where the slot was and is; null if the run did not read it
 * @param duration how long the run took
 */
public record RunReport(Outcome outcome, Counts counts, @Nullable Move move, Duration duration) {

  /** How a run ended. Failures throw instead. */
  public enum Outcome {
    /**
     * Everything up to the flush LSN seen at the start is published, or everything before a
     * transaction that is not visible yet.
     */
    CAUGHT_UP,
    /** Time ran out; the next run continues. */
    DEADLINE,
    /** Another run holds the slot; nothing was done. */
    BUSY
  }

  /**
   * The work that a run finished.
   *
   * @param windows peeks
   * @param transactions transactions published and acknowledged, empty ones included
   * @param changes changes decoded
   * @param filtered changes not published because a filter or the format leaves them out
   * @param oversized changes published as a marker because they exceed the stream's record size
   * @param published Kinesis records acknowledged, their bytes, and how many were sent again
   * @param oldestPublishedAgeMillis how old the oldest published change was when it was
   *     acknowledged, in milliseconds; null if nothing was published
   * @param snapshotRows rows that a snapshot read and published
   * @param waitsForTransaction the id of the transaction that the run ended before, because it is
   *     not visible yet; null if there is none
   */
  public record Counts(
      long windows,
      long transactions,
      long changes,
      long filtered,
      long oversized,
      Publisher.Totals published,
      @Nullable Long oldestPublishedAgeMillis,
      long snapshotRows,
      @Nullable Long waitsForTransaction) {

    private static final Counts NONE =
        new Counts(0, 0, 0, 0, 0, new Publisher.Totals(0, 0, 0), null, 0, null);
  }

  /** The slot's position before and after the run. */
  public record Move(Slot.Position from, Slot.Position to) {}

  /** A run that found another at work. */
  public static RunReport busy(Duration duration) {
    return new RunReport(Outcome.BUSY, Counts.NONE, null, duration);
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one run did. Numbers count what was finished in this run.
 *
 * @param action {@code poll} or {@code drain}
 * @param outcome how it ended
 * @param windows peeks
 * @param transactions transactions published and acknowledged, empty ones included
 * @param changes changes decoded
 * @param filtered changes not published because a filter or the format leaves them out
 * @param oversized changes published as a marker because they exceed the stream's record size
 * @param records Kinesis records acknowledged
 * @param bytes their bytes, partition keys included
 * @param retriedRecords records sent again
 * @param fromLsn the slot's position before
 * @param toLsn the slot's position after
 * @param lagBytes flush LSN minus the slot's position
 * @param retainedBytes flush LSN minus the oldest WAL kept for the slot
 * @param walStatus the slot's {@code wal_status}
 * @param oldestPublishedAgeMs how old the oldest published change was when it was acknowledged, in
 *     milliseconds; null if nothing was published
 * @param durationMs milliseconds
 */
public record RunReport(
    String action,
    Outcome outcome,
    long windows,
    long transactions,
    long changes,
    long filtered,
    long oversized,
    long records,
    long bytes,
    long retriedRecords,
    @Nullable Lsn fromLsn,
    @Nullable Lsn toLsn,
    long lagBytes,
    long retainedBytes,
    @Nullable String walStatus,
    @Nullable Long oldestPublishedAgeMs,
    long durationMs) {

  /** How a run ended. Failures throw instead. */
  public enum Outcome {
    /** Everything up to the flush LSN seen at the start is published. */
    CAUGHT_UP,
    /** Time was up; the next run goes on. */
    DEADLINE,
    /** Another run is at work; nothing was done. */
    BUSY
  }

  /** A run that found another at work. */
  public static RunReport busy(String action, long durationMs) {
    return new RunReport(
        action, Outcome.BUSY, 0, 0, 0, 0, 0, 0, 0, 0, null, null, 0, 0, null, null, durationMs);
  }

  /** The result's fields, in order. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("action", action);
    fields.put("outcome", outcome.name());
    fields.put("windows", windows);
    fields.put("transactions", transactions);
    fields.put("changes", changes);
    fields.put("filtered", filtered);
    fields.put("oversized", oversized);
    fields.put("records", records);
    fields.put("bytes", bytes);
    fields.put("retriedRecords", retriedRecords);
    if (fromLsn != null && toLsn != null) {
      fields.put("fromLsn", fromLsn.toString());
      fields.put("toLsn", toLsn.toString());
    }
    fields.put("lagBytes", lagBytes);
    fields.put("retainedBytes", retainedBytes);
    if (walStatus != null) {
      fields.put("walStatus", walStatus);
    }
    if (oldestPublishedAgeMs != null) {
      fields.put("oldestPublishedAgeMs", oldestPublishedAgeMs);
    }
    fields.put("durationMs", durationMs);
    return fields;
  }
}

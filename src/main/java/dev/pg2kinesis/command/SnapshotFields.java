package dev.pg2kinesis.command;

import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How far a snapshot is, in results. Key values are left out. Pure. */
final class SnapshotFields {

  private SnapshotFields() {}

  static Map<String, Object> of(SnapshotState state, Instant now) {
    Set<Integer> unsettled = state.unsettled();
    return new Fields()
        .text("started", state.started())
        .put("state", state.next() == null ? "done" : "loading")
        .put("tables", tables(state, now))
        .put(
            "waitsFor",
            state.next() == null || unsettled == null || unsettled.isEmpty()
                ? null
                : unsettled.size()
                    + " transactions that are not visible yet: they are open, or a synchronous"
                    + " standby has not confirmed them")
        .map();
  }

  /**
   * The tables.
   *
   * @param now for rates; null to leave them out
   */
  static List<Map<String, Object>> tables(SnapshotState state, @Nullable Instant now) {
    return state.tables().stream().map(table -> table(table, now)).toList();
  }

  private static Map<String, Object> table(Table table, @Nullable Instant now) {
    Fields fields =
        new Fields()
            .text("table", table.name())
            .put("state", table.phase().text())
            .put("rows", table.rows())
            .put("estimate", table.estimate() < 0 ? null : table.estimate())
            .put("problem", table.problem());
    Instant began = table.began();
    if (now != null && began != null && table.phase() == Phase.READING && table.rows() > 0) {
      double seconds = Math.max(0.001, Duration.between(began, now).toMillis() / 1_000.0);
      double rate = table.rows() / seconds;
      fields.put("rowsPerSecond", Math.round(rate));
      if (table.estimate() >= table.rows()) {
        fields.put("secondsLeft", Math.round((table.estimate() - table.rows()) / rate));
      }
    }
    return fields.map();
  }
}

package dev.pg2kinesis.command;

import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.slot.Slot;
import java.util.Map;

/** The result of {@code poll} and {@code drain}. Pure. */
final class RunFields {

  private RunFields() {}

  static Map<String, Object> of(Command.Action action, RunReport report) {
    RunReport.Counts counts = report.counts();
    Publisher.Totals published = counts.published();
    Fields fields =
        new Fields()
            .put("action", action.text())
            .put("outcome", report.outcome().name())
            .put("windows", counts.windows())
            .put("transactions", counts.transactions())
            .put("changes", counts.changes())
            .put("filtered", counts.filtered())
            .put("oversized", counts.oversized())
            .put("records", published.records())
            .put("bytes", published.bytes())
            .put("retriedRecords", published.retriedRecords())
            .put("streams", published.streams().isEmpty() ? null : published.byStream());
    RunReport.Move move = report.move();
    if (move != null) {
      Slot.Position to = move.to();
      fields
          .text("fromLsn", move.from().confirmed())
          .text("toLsn", to.confirmed())
          .put("lagBytes", to.lagBytes())
          .put("retainedBytes", to.retainedBytes())
          .put("walStatus", to.walStatus());
    }
    return fields
        .put("snapshotRows", counts.snapshotRows() == 0 ? null : counts.snapshotRows())
        .put("waitsForTransaction", counts.waitsForTransaction())
        .put("oldestPublishedAgeMs", counts.oldestPublishedAgeMillis())
        .put("durationMs", report.duration().toMillis())
        .map();
  }
}

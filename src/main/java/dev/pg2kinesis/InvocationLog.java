package dev.pg2kinesis;

import dev.pg2kinesis.command.Command;
import dev.pg2kinesis.command.Observer;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.Slot;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one invocation writes to the log, as JSON in single lines: the metrics of a run, also of a
 * failed one, and a line for whatever changes a slot.
 */
final class InvocationLog implements Observer {

  private final PrintStream log;
  private final String slot;
  private final String stream;
  private final String requestId;
  private final InstantSource clock;

  private Slot.@Nullable Position lastPosition;

  InvocationLog(PrintStream log, Settings settings, String requestId, InstantSource clock) {
    this.log = log;
    this.slot = settings.slotName();
    this.stream = new StreamAddress(settings.stream()).name();
    this.requestId = requestId;
    this.clock = clock;
  }

  @Override
  public void audit(Map<String, Object> line) {
    LogLine printed = new LogLine().property("level", "INFO").property("requestId", requestId);
    line.forEach(printed::property);
    log.println(printed.json());
  }

  @Override
  public void position(Slot.Position position) {
    lastPosition = position;
  }

  @Override
  public void finished(Command.Action action, RunReport report) {
    RunReport.Counts counts = report.counts();
    Publisher.Totals published = counts.published();
    LogLine line =
        line()
            .count("Windows", counts.windows())
            .count("Transactions", counts.transactions())
            .count("Changes", counts.changes())
            .count("Filtered", counts.filtered())
            .count("Oversized", counts.oversized())
            .count("Records", published.records())
            .bytes("Bytes", published.bytes())
            .count("RetriedRecords", published.retriedRecords())
            .millis("DurationMs", report.duration().toMillis())
            .property("action", action.text())
            .property("outcome", report.outcome().name());
    if (!published.streams().isEmpty()) {
      line.property("streams", published.byStream());
    }
    Long waitsFor = counts.waitsForTransaction();
    if (waitsFor != null) {
      line.property("waitsForTransaction", waitsFor);
    }
    Long age = counts.oldestPublishedAgeMillis();
    if (age != null) {
      line.millis("OldestPublishedAgeMs", age);
    }
    RunReport.Move move = report.move();
    if (move != null) {
      position(line, move.to());
      line.count("SlotHealthy", 1)
          .property("fromLsn", move.from().confirmed().toString())
          .property("toLsn", move.to().confirmed().toString())
          .property("walStatus", move.to().walStatus());
    }
    log.println(line.json());
  }

  @Override
  public void failed(CodedException failure, boolean unhealthy) {
    LogLine line = line().property("code", failure.codeName());
    Slot.Position position = lastPosition;
    if (position != null) {
      position(line, position);
    }
    if (unhealthy) {
      line.count("SlotHealthy", 0);
    }
    log.println(line.json());
  }

  private static void position(LogLine line, Slot.Position position) {
    line.bytes("LagBytes", position.lagBytes()).bytes("RetainedBytes", position.retainedBytes());
  }

  private LogLine line() {
    return new LogLine()
        .at(clock.instant())
        .property("Slot", slot)
        .property("Stream", stream)
        .property("requestId", requestId);
  }
}

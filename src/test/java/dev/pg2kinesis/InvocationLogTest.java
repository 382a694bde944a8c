package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Command.Action;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.Slot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which metrics an invocation writes: each costs money, and alarms watch some of them. */
class InvocationLogTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static final Slot.Position POSITION =
      new Slot.Position(Lsn.parse("0/300"), Lsn.parse("0/100"), Lsn.parse("0/500"), "reserved");

  private static final RunReport CAUGHT_UP =
      new RunReport(
          RunReport.Outcome.CAUGHT_UP,
          new RunReport.Counts(1, 2, 3, 4, 5, new Publisher.Totals(6, 7, 8), 9L, 10, null),
          new RunReport.Move(POSITION, POSITION),
          Duration.ofMillis(10));

  /** Coded as the product's failures are. */
  private static final class Failure extends CodedException {
    private static final long serialVersionUID = 1L;

    Failure() {
      super("AS_TOLD", "the test wants it", null);
    }
  }

  private static JsonNode line(Consumer<InvocationLog> act) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Settings settings =
        Settings.from(
            Map.of(
                "PGHOST",
                "h",
                "PGDATABASE",
                "d",
                "PGUSER",
                "u",
                "SLOT_NAME",
                "s",
                "STREAM_NAME",
                "changes"));
    act.accept(new InvocationLog(new PrintStream(out, true, UTF_8), settings, "id-1", () -> NOW));
    assertThat(out.toString(UTF_8).strip().lines()).hasSize(1);
    return new ObjectMapper().readTree(out.toByteArray());
  }

  private static Set<String> metrics(JsonNode line) {
    JsonNode directive = line.path("_aws").path("CloudWatchMetrics").path(0);
    return new TreeSet<>(directive.path("Metrics").findValuesAsText("Name"));
  }

  /** The metrics of a run that published something. */
  static Set<String> metricsOfARun() throws IOException {
    return metrics(line(log -> log.finished(Action.POLL, CAUGHT_UP)));
  }

  @Test
  void aRunWritesEachOfItsMetrics() throws IOException {
    JsonNode line = line(log -> log.finished(Action.DRAIN, CAUGHT_UP));

    assertThat(metrics(line))
        .containsExactlyInAnyOrder(
            "Windows",
            "Transactions",
            "Changes",
            "Filtered",
            "Oversized",
            "Records",
            "Bytes",
            "RetriedRecords",
            "LagBytes",
            "RetainedBytes",
            "OldestPublishedAgeMs",
            "DurationMs",
            "SlotHealthy");
    JsonNode directive = line.path("_aws").path("CloudWatchMetrics").path(0);
    assertThat(line.path("_aws").path("Timestamp").asLong()).isEqualTo(NOW.toEpochMilli());
    assertThat(directive.path("Namespace").asText()).isEqualTo("pg2kinesis");
    assertThat(directive.path("Dimensions").toString()).isEqualTo("[[\"Slot\",\"Stream\"]]");
    assertThat(directive.path("Metrics").toString()).contains("LagBytes");
    for (String property :
        List.of(
            "Slot s",
            "Stream changes",
            "requestId id-1",
            "action drain",
            "outcome CAUGHT_UP",
            "fromLsn 0/300",
            "toLsn 0/300",
            "walStatus reserved")) {
      String[] pair = property.split(" ", 2);
      assertThat(line.path(pair[0]).asText()).isEqualTo(pair[1]);
    }
    assertThat(line.path("LagBytes").asLong()).isEqualTo(0x200);
    assertThat(line.path("RetainedBytes").asLong()).isEqualTo(0x400);
    assertThat(line.path("SlotHealthy").asInt()).isEqualTo(1);
  }

  @Test
  void aBusyRunSaysNothingOfPositions() throws IOException {
    RunReport busy = RunReport.busy(Duration.ofMillis(3));

    assertThat(metrics(line(log -> log.finished(Action.POLL, busy))))
        .contains("Records", "DurationMs")
        .doesNotContain("LagBytes", "RetainedBytes", "OldestPublishedAgeMs", "SlotHealthy");
  }

  @Test
  void aFailedRunTellsThePositionThatItRead() throws IOException {
    JsonNode line =
        line(
            log -> {
              log.position(POSITION);
              log.failed(new Failure(), false);
            });

    assertThat(metrics(line)).containsExactlyInAnyOrder("LagBytes", "RetainedBytes");
    assertThat(line.path("LagBytes").asLong()).isEqualTo(0x200);
    assertThat(line.path("code").asText()).isEqualTo("AS_TOLD");
  }

  @Test
  void anUnhealthySlotIsToldWithAndWithoutAPosition() throws IOException {
    JsonNode line = line(log -> log.failed(new Failure(), true));
    assertThat(metrics(line)).containsExactly("SlotHealthy");
    assertThat(line.path("SlotHealthy").asInt()).isZero();

    assertThat(
            metrics(
                line(
                    log -> {
                      log.position(POSITION);
                      log.failed(new Failure(), true);
                    })))
        .containsExactlyInAnyOrder("LagBytes", "RetainedBytes", "SlotHealthy");
  }

  @Test
  void aFailureWithoutAnyMetricIsAnOrdinaryLine() throws IOException {
    JsonNode line = line(log -> log.failed(new Failure(), false));

    assertThat(line.has("_aws")).isFalse();
    assertThat(line.path("code").asText()).isEqualTo("AS_TOLD");
    assertThat(line.path("requestId").asText()).isEqualTo("id-1");
  }

  /** Names come from outside; a line break in one must not begin another line. */
  @Test
  void whateverANameHoldsIsInOneLine() throws IOException {
    String hostile = "x\n{\"_aws\":{}}\r\u0085\u2028\u0000\u001b[31m\ud800\"\\";
    JsonNode line =
        line(
            log ->
                log.audit(
                    Map.of("action", "skip", "database", hostile, hostile, List.of(hostile))));

    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.has("_aws")).isFalse();
    // Half a surrogate is no character, and UTF-8 has none for it.
    assertThat(line.path("database").asText()).isEqualTo(hostile.replace('\ud800', '?'));
    assertThat(line.properties()).hasSize(5);
  }
}

package dev.pg2kinesis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.relay.RunReport;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics as one line of JSON in the log, which CloudWatch extracts: no endpoint and no call is
 * needed. Layout: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
final class Metrics {

  private static final String NAMESPACE = "pg2kinesis";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream log;
  private final String slot;
  private final String stream;
  private final String requestId;
  private final InstantSource clock;

  Metrics(PrintStream log, String slot, String stream, String requestId, InstantSource clock) {
    this.log = log;
    this.slot = slot;
    this.stream = stream;
    this.requestId = requestId;
    this.clock = clock;
  }

  /** The numbers of a run. */
  void run(RunReport report) {
    Map<String, Object> metrics = new LinkedHashMap<>();
    Map<String, Object> others = new LinkedHashMap<>();
    report
        .fields()
        .forEach(
            (name, value) ->
                (value instanceof Number ? metrics : others).put(metricName(name, value), value));
    if (report.walStatus() != null) {
      metrics.put("SlotHealthy", 1);
    }
    write(metrics, others);
  }

  /** That the slot or its database is not as it should be. */
  void slotFailed(String code) {
    write(Map.of("SlotHealthy", 0), Map.of("code", code));
  }

  private static String metricName(String field, Object value) {
    return value instanceof Number
        ? Character.toUpperCase(field.charAt(0)) + field.substring(1)
        : field;
  }

  private void write(Map<String, Object> metrics, Map<String, Object> others) {
    List<Map<String, String>> definitions = new ArrayList<>();
    metrics.keySet().forEach(name -> definitions.add(Map.of("Name", name, "Unit", unit(name))));
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(
        "_aws",
        Map.of(
            "Timestamp",
            clock.millis(),
            "CloudWatchMetrics",
            List.of(
                Map.of(
                    "Namespace",
                    NAMESPACE,
                    "Dimensions",
                    List.of(List.of("Slot", "Stream")),
                    "Metrics",
                    definitions))));
    line.put("Slot", slot);
    line.put("Stream", stream);
    line.put("requestId", requestId);
    line.putAll(others);
    line.putAll(metrics);
    try {
      log.println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("metrics are plain maps", e);
    }
  }

  private static String unit(String metric) {
    if (metric.endsWith("Ms")) {
      return "Milliseconds";
    }
    return metric.endsWith("Bytes") ? "Bytes" : "Count";
  }
}

package dev.pg2kinesis;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of JSON in the log. CloudWatch extracts its metrics, which needs neither an endpoint nor
 * a call. Every metric is paid for, so each is named where it is written. Layout: Amazon CloudWatch
 * User Guide, "Specification: Embedded metric format".
 */
final class LogLine {

  private static final String NAMESPACE = "pg2kinesis";
  private static final List<String> DIMENSIONS = List.of("Slot", "Stream");

  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final List<Map<String, String>> metrics = new ArrayList<>();
  private Instant time = Instant.EPOCH;

  /** When the metrics were measured. */
  LogLine at(Instant measured) {
    time = measured;
    return this;
  }

  /** A field that is not a metric. */
  LogLine property(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  LogLine count(String name, long value) {
    return metric(name, value, "Count");
  }

  LogLine bytes(String name, long value) {
    return metric(name, value, "Bytes");
  }

  LogLine millis(String name, long value) {
    return metric(name, value, "Milliseconds");
  }

  private LogLine metric(String name, long value, String unit) {
    metrics.add(Map.of("Name", name, "Unit", unit));
    return property(name, value);
  }

  /** The line. Without a metric it is an ordinary one. */
  String json() {
    Map<String, Object> line = new LinkedHashMap<>();
    if (!metrics.isEmpty()) {
      Map<String, Object> directive =
          Map.of("Namespace", NAMESPACE, "Dimensions", List.of(DIMENSIONS), "Metrics", metrics);
      line.put(
          "_aws",
          Map.of("Timestamp", time.toEpochMilli(), "CloudWatchMetrics", List.of(directive)));
    }
    line.putAll(fields);
    try {
      return JSON.std.asString(line);
    } catch (IOException e) {
      throw new IllegalStateException("a line holds plain values", e);
    }
  }
}

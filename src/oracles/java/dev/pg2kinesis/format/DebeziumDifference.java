package dev.pg2kinesis.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.format.DebeziumOracle.Pair;

/** The fields in which an event may differ from Debezium's, and how. */
final class DebeziumDifference {

  private DebeziumDifference() {}

  /**
   * Checks that a field differs as is documented of it.
   *
   * @param path where the field is in the event
   * @param field its values
   * @param event the whole event
   * @return the documented name of the difference
   */
  static String of(String path, Pair field, Pair event) {
    JsonNode ours = field.ours();
    JsonNode debezium = field.debezium();
    JsonNode source = event.ours().path("source");
    boolean lone = event.ours().path("transaction").isNull();
    switch (path) {
      case "/source/version" -> assertThat(ours.asText()).isEqualTo("1.0.0");
      case "/source/sequence" -> {
        assertThat(second(ours)).isEqualTo(second(debezium));
        assertThat(ours.asText()).endsWith(",\"" + source.path("lsn").asText() + "\"]");
      }
      case "/transaction/id" -> assertThat(xid(ours)).isEqualTo(xid(debezium));
      case "/transaction/total_order", "/transaction/data_collection_order" ->
          assertThat(ours.asLong()).isEqualTo(debezium.asLong() - 1);
      case "/ts_ms" -> assertThat(ours).isEqualTo(source.path("ts_ms"));
      case "/ts_us", "/ts_ns", "/source/origin", "/source/origin_lsn" ->
          assertThat(ours.isMissingNode()).isTrue();
      case "/source/ts_ms", "/source/ts_us", "/source/ts_ns" -> {
        assertThat(lone).isTrue();
        assertThat(ours.isNull()).isTrue();
      }
      default -> {
        return ofColumn(path, field, event);
      }
    }
    return path;
  }

  /** The same for a row that a snapshot read. */
  static String ofRead(String path, Pair field, Pair event) {
    JsonNode ours = field.ours();
    JsonNode debezium = field.debezium();
    switch (path) {
      case "/source/snapshot" -> {
        assertThat(ours.asText()).isEqualTo("incremental");
        assertThat(debezium.asText())
            .isIn("first", "first_in_data_collection", "true", "last_in_data_collection", "last");
      }
      case "/source/lsn" -> {
        assertThat(ours.isIntegralNumber()).isTrue();
        assertThat(debezium.isIntegralNumber()).isTrue();
      }
      case "/source/sequence" -> {
        String lsn = event.ours().at("/source/lsn").asText();
        assertThat(ours.asText()).isEqualTo("[\"" + lsn + "\",\"" + lsn + "\"]");
        assertThat(debezium.asText()).startsWith("[null,");
      }
      case "/source/txId" -> {
        assertThat(ours.isNull()).isTrue();
        assertThat(debezium.isIntegralNumber()).isTrue();
      }
      case "/transaction" -> {
        assertThat(ours.path("total_order").asLong()).isZero();
        assertThat(ours.path("data_collection_order").asLong()).isZero();
        assertThat(debezium.isNull()).isTrue();
      }
      case "/source/ts_ms", "/ts_ms" ->
          assertThat(ours.asLong()).isEqualTo(OurReads.STARTED.toEpochMilli());
      case "/source/ts_us" ->
          assertThat(ours.asLong()).isEqualTo(OurReads.STARTED.toEpochMilli() * 1_000);
      case "/source/ts_ns" ->
          assertThat(ours.asLong()).isEqualTo(OurReads.STARTED.toEpochMilli() * 1_000_000);
      case "/after/twice" -> assertThat(ours.isMissingNode()).isTrue();
      default -> {
        return of(path, field, event);
      }
    }
    return path.equals("/after/twice") ? "/after/generated" : path;
  }

  private static String ofColumn(String path, Pair field, Pair event) {
    assertThat(path).matches("/(before|after)/.*");
    if (event.ours().at("/source/table").asText().equals("Odd.\"table")) {
      // Debezium reads the column's name as Latin-1, does not find it in the table, and so loses
      // the value.
      assertThat(path).containsAnyOf("Id é", "Id \u00c3\u00a9", "Id \uffc3\uffa9", "select");
      return "/after/é";
    }
    if (path.equals("/after/bytes")) {
      assertThat(field.debezium().isNull()).isTrue();
      assertThat(field.ours().asText()).isEqualTo("__debezium_unavailable_value");
      return "/after/bytea";
    }
    assertThat(path).startsWith("/before/");
    assertThat(field.ours().isMissingNode()).as(path).isTrue();
    return "/before/column";
  }

  private static String second(JsonNode sequence) {
    return sequence.asText().substring(sequence.asText().indexOf(','));
  }

  private static String xid(JsonNode id) {
    return id.asText().substring(0, id.asText().indexOf(':'));
  }
}

package dev.pg2kinesis.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.Format;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record as a consumer reads it.
 *
 * @param table schema and name
 * @param operation what happened to the table
 * @param row the new row, or of a delete the old one, as far as it is known; NULLs are {@link
 *     #NULL}
 * @param old what is known of the row before an update; empty if that says nothing
 * @param position where it stands among the changes of its row; null if the record does not say
 */
record Event(
    String table,
    Operation operation,
    Map<String, String> row,
    Map<String, String> old,
    @Nullable Position position) {

  /** Stands for NULL. */
  static final String NULL = "\u0000null";

  private static final String PLACEHOLDER = "__debezium_unavailable_value";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** What a record tells. */
  enum Operation {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE,
    /** Nothing about a table. */
    OTHER
  }

  /** Compares as its parts do, unsigned. */
  record Position(long first, long second) implements Comparable<Position> {

    @Override
    public int compareTo(Position other) {
      int order = Long.compareUnsigned(first, other.first);
      return order == 0 ? Long.compareUnsigned(second, other.second) : order;
    }
  }

  /** Whether a consumer can rebuild tables from a format. */
  static boolean readable(Format format) {
    return format != Format.CSV && format != Format.CSV_PAYLOAD;
  }

  /** Whether records say where they stand among the changes of their row. */
  static boolean hasPosition(Format format) {
    return switch (format) {
      case DEBEZIUM, CLOUDEVENTS, FLAT, DMS, PG_KINESIS -> true;
      case CSV, CSV_PAYLOAD, FULL_CHANGE -> false;
    };
  }

  static Event read(Format format, String text) {
    return switch (format) {
      case DEBEZIUM -> debezium(json(text));
      case CLOUDEVENTS -> cloudEvents(json(text));
      case FLAT -> flat(json(text));
      case DMS -> dms(json(text));
      case PG_KINESIS -> pgKinesis(json(text));
      case FULL_CHANGE -> fullChange(json(text.substring("0,CDC,".length())));
      case CSV, CSV_PAYLOAD -> throw new IllegalArgumentException(format.settingName());
    };
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON: " + text, e);
    }
  }

  private static Event debezium(JsonNode json) {
    JsonNode source = json.path("source");
    return images(
        source.path("schema").asText() + "." + source.path("table").asText(),
        json.path("op").asText(),
        json,
        new Position(
            number(json(source.path("sequence").asText()).path(0)),
            json.path("transaction").path("total_order").asLong()));
  }

  private static Event cloudEvents(JsonNode json) {
    return images(
        json.path("iodebeziumschema").asText() + "." + json.path("iodebeziumtable").asText(),
        json.path("iodebeziumop").asText(),
        json.path("data"),
        new Position(
            number(json(json.path("iodebeziumsequence").asText()).path(0)),
            json.path("iodebeziumtxtotalorder").asLong()));
  }

  private static long number(JsonNode text) {
    return text.isMissingNode() ? 0 : Long.parseUnsignedLong(text.asText());
  }

  private static Event images(String table, String op, JsonNode images, Position position) {
    Operation operation =
        switch (op) {
          case "c" -> Operation.INSERT;
          case "u" -> Operation.UPDATE;
          case "d" -> Operation.DELETE;
          case "t" -> Operation.TRUNCATE;
          default -> Operation.OTHER;
        };
    return new Event(
        table,
        operation,
        values(images.path(operation == Operation.DELETE ? "before" : "after")),
        Map.of(),
        position);
  }

  private static Event flat(JsonNode json) {
    Map<String, String> row = values(json);
    row.keySet().removeIf(name -> name.startsWith("__"));
    return new Event(
        "public." + json.path("__table").asText(),
        switch (json.path("__op").asText()) {
          case "c" -> Operation.INSERT;
          case "u" -> Operation.UPDATE;
          default -> Operation.DELETE;
        },
        row,
        Map.of(),
        new Position(json.path("__lsn").asLong(), 0));
  }

  private static Event dms(JsonNode json) {
    JsonNode about = json.path("metadata");
    String[] position = about.path("stream-position").asText().split("\\.", -1);
    return new Event(
        about.path("schema-name").asText() + "." + about.path("table-name").asText(),
        switch (about.path("operation").asText()) {
          case "insert" -> Operation.INSERT;
          case "update" -> Operation.UPDATE;
          default -> Operation.DELETE;
        },
        values(json.path("data")),
        values(json.path("before-image")),
        new Position(Lsn.parse(position[0]).value(), Long.parseLong(position[1])));
  }

  private static Event pgKinesis(JsonNode json) {
    Map<String, String> now = new LinkedHashMap<>();
    Map<String, String> old = new LinkedHashMap<>();
    json.path("columns")
        .properties()
        .forEach(
            column -> {
              pgKinesis(column.getKey(), column.getValue().path("new"), now);
              pgKinesis(column.getKey(), column.getValue().path("old"), old);
            });
    Operation operation = Operation.valueOf(json.path("operation").asText());
    return new Event(
        json.path("table").asText(),
        operation,
        operation == Operation.DELETE ? old : now,
        old,
        new Position(Lsn.parse(json.path("lsn").asText()).value(), 0));
  }

  private static void pgKinesis(String name, JsonNode leaf, Map<String, String> into) {
    if (leaf.isMissingNode()) {
      return;
    }
    String value = leaf.path("v").asText();
    boolean quoted = leaf.path("q").asText().equals("true");
    if (quoted || !value.equals("unchanged-toast-datum")) {
      into.put(name, !quoted && value.equals("null") ? NULL : value);
    }
  }

  private static Event fullChange(JsonNode json) {
    JsonNode change = json.path("change");
    String kind = change.path("kind").asText().toUpperCase(Locale.ROOT);
    Operation operation = kind.equals("MESSAGE") ? Operation.OTHER : Operation.valueOf(kind);
    Map<String, String> old = columns(change.path("oldkeys"), "key");
    return new Event(
        change.path("schema").asText() + "." + change.path("table").asText(),
        operation,
        operation == Operation.DELETE ? old : columns(change, "column"),
        old,
        null);
  }

  private static Map<String, String> columns(JsonNode of, String prefix) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (int i = 0; i < of.path(prefix + "names").size(); i++) {
      columns.put(
          of.path(prefix + "names").path(i).asText(), text(of.path(prefix + "values").path(i)));
    }
    return columns;
  }

  /** Columns with values; an unchanged large value is left out. */
  private static Map<String, String> values(JsonNode object) {
    Map<String, String> values = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            field -> {
              if (!field.getValue().asText().equals(PLACEHOLDER)) {
                values.put(field.getKey(), text(field.getValue()));
              }
            });
    return values;
  }

  private static String text(JsonNode value) {
    if (value.isNull()) {
      return NULL;
    }
    return value.isNumber() ? value.decimalValue().toPlainString() : value.asText();
  }
}

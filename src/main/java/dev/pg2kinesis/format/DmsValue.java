package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Type;
import java.io.IOException;

/**
 * Writes a column's value as AWS DMS does, given PostgreSQL's text form of it: numbers as JSON
 * numbers with all their digits, everything else as a string.
 */
final class DmsValue {

  private DmsValue() {}

  static void write(JsonGenerator json, Type type, String text) throws IOException {
    switch (type.base().name()) {
      case "smallint", "integer", "bigint", "oid", "real", "double precision", "numeric" ->
          writeNumber(json, text);
      case "boolean" -> json.writeString(bool(text));
      case "bytea" -> json.writeString(text.startsWith("\\x") ? "0x" + text.substring(2) : text);
      case "timestamp without time zone" -> json.writeString(DebeziumTime.timestamp(text));
      case "timestamp with time zone" ->
          json.writeString(DebeziumTime.timestamp(text.replace("+00", "")));
      default -> json.writeString(text);
    }
  }

  private static void writeNumber(JsonGenerator json, String text) throws IOException {
    if (JsonNumber.is(text)) {
      json.writeNumber(text);
    } else {
      json.writeString(text);
    }
  }

  private static String bool(String text) {
    return switch (text) {
      case "t" -> "true";
      case "f" -> "false";
      default -> text;
    };
  }
}

package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Placeholder for a TOASTed value that an update did not touch and the WAL does not hold: the
 * default of Debezium's {@code unavailable.value.placeholder}, in a shape that fits the column's
 * type ("Toasted values" in its documentation).
 */
final class DebeziumPlaceholder {

  private static final String TEXT = "__debezium_unavailable_value";
  private static final byte[] BYTES = TEXT.getBytes(StandardCharsets.UTF_8);
  private static final String ID = UUID.nameUUIDFromBytes(BYTES).toString();

  private DebeziumPlaceholder() {}

  static void write(JsonGenerator json, Type type) throws IOException {
    if (DebeziumHstore.is(type)) {
      json.writeString("{\"" + TEXT + "\":\"" + TEXT + "\"}");
    } else if (type instanceof Type.Array array) {
      json.writeStartArray();
      writeElements(json, array.element().base().name());
      json.writeEndArray();
    } else {
      json.writeString(TEXT);
    }
  }

  private static void writeElements(JsonGenerator json, String element) throws IOException {
    switch (element) {
      case "integer", "bigint" -> {
        for (byte character : BYTES) {
          json.writeNumber(character);
        }
      }
      case "uuid" -> json.writeString(ID);
      default -> json.writeString(TEXT);
    }
  }
}

package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes a column's value as Debezium does, given PostgreSQL's text form of it. */
final class DebeziumValue {

  private DebeziumValue() {}

  /** Writes a value. One of a domain is written as one of the type that the domain is over. */
  static void write(JsonGenerator json, Type type, Value value) throws IOException {
    if (value instanceof Value.Text text) {
      writeText(json, type.base(), text.text());
    } else if (value == Value.UNCHANGED) {
      DebeziumPlaceholder.write(json, type.base());
    } else {
      json.writeNull();
    }
  }

  private static void writeText(JsonGenerator json, Type type, String text) throws IOException {
    if (type instanceof Type.Array array) {
      writeArray(json, array.element(), text);
      return;
    }
    switch (type.name()) {
      case "smallint", "integer", "bigint", "oid" -> writeNumber(json, text);
      case "real", "double precision" -> writeFloat(json, text);
      case "numeric" -> json.writeString(decimal(text));
      case "boolean" -> writeBoolean(json, text);
      case "bytea" -> writeBytes(json, text);
      case "bit" -> writeBit(json, text);
      case "bit varying" -> writeBits(json, text);
      case "date" -> json.writeString(DebeziumTime.date(text));
      case "time without time zone" -> json.writeString(DebeziumTime.time(text));
      case "time with time zone" -> json.writeString(DebeziumTime.timeAtUtc(text));
      case "timestamp without time zone" -> json.writeString(DebeziumTime.timestamp(text));
      case "timestamp with time zone" -> json.writeString(DebeziumTime.timestampAtUtc(text));
      case "interval" -> json.writeString(DebeziumTime.interval(text));
      case "money" -> json.writeString(amount(text));
      case "point" -> writePoint(json, text);
      default -> DebeziumExtension.write(json, type, text);
    }
  }

  private static void writeNumber(JsonGenerator json, String text) throws IOException {
    if (JsonNumber.is(text)) {
      json.writeNumber(text);
    } else {
      json.writeString(text);
    }
  }

  /**
   * With a fraction, always, so that readers who guess a column's type guess the same each time.
   */
  static void writeFloat(JsonGenerator json, String text) throws IOException {
    writeNumber(json, isWhole(text) ? text + ".0" : text);
  }

  private static boolean isWhole(String text) {
    for (int i = text.startsWith("-") ? 1 : 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Special values have the names that Debezium's string mode gives them. */
  private static String decimal(String text) {
    return switch (text) {
      case "NaN" -> "NAN";
      case "Infinity" -> "POSITIVE_INFINITY";
      case "-Infinity" -> "NEGATIVE_INFINITY";
      default -> text;
    };
  }

  private static void writeBoolean(JsonGenerator json, String text) throws IOException {
    switch (text) {
      case "t" -> json.writeBoolean(true);
      case "f" -> json.writeBoolean(false);
      default -> json.writeString(text);
    }
  }

  private static void writeBytes(JsonGenerator json, String text) throws IOException {
    byte[] bytes = Bytea.bytes(text);
    if (bytes == null) {
      json.writeString(text);
    } else {
      json.writeBinary(bytes);
    }
  }

  /** A single bit is a boolean to Debezium, though the bit strings here do not say their length. */
  private static void writeBit(JsonGenerator json, String text) throws IOException {
    if (text.length() == 1) {
      json.writeBoolean(text.equals("1"));
    } else {
      writeBits(json, text);
    }
  }

  /** Little-endian bytes, the last bit being bit 0 of the first, without zero bytes at the end. */
  private static void writeBits(JsonGenerator json, String text) throws IOException {
    int highest = text.indexOf('1');
    int bits = highest < 0 ? 0 : text.length() - highest;
    byte[] bytes = new byte[(bits + Byte.SIZE - 1) / Byte.SIZE];
    for (int i = 0; i < bits; i++) {
      if (text.charAt(text.length() - 1 - i) == '1') {
        bytes[i / Byte.SIZE] |= (byte) (1 << (i % Byte.SIZE));
      }
    }
    json.writeBinary(bytes);
  }

  private static void writeArray(JsonGenerator json, Type element, String text) throws IOException {
    DebeziumArray array = DebeziumArray.parse(text, element.delimiter());
    if (array == null) {
      json.writeString(text);
    } else {
      writeElements(json, element, array);
    }
  }

  private static void writeElements(JsonGenerator json, Type type, DebeziumArray array)
      throws IOException {
    json.writeStartArray();
    for (Object element : array.elements()) {
      if (element instanceof DebeziumArray nested) {
        writeElements(json, type, nested);
      } else {
        write(json, type, (Value) element);
      }
    }
    json.writeEndArray();
  }

  /**
   * The number in an amount of money such as {@code -$1,234.56}; other locales' stay as they are.
   */
  private static String amount(String text) {
    StringBuilder number = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '-' || c == '.' || (c >= '0' && c <= '9')) {
        number.append(c);
      } else if (c != '$' && c != ',') {
        return text;
      }
    }
    return JsonNumber.is(number.toString()) ? number.toString() : text;
  }

  private static void writePoint(JsonGenerator json, String text) throws IOException {
    int comma = text.indexOf(',');
    if (comma < 0 || !text.startsWith("(") || !text.endsWith(")")) {
      json.writeString(text);
      return;
    }
    String x = text.substring(1, comma);
    String y = text.substring(comma + 1, text.length() - 1);
    if (!isFloat(x) || !isFloat(y)) {
      json.writeString(text);
      return;
    }
    json.writeStartObject();
    json.writeFieldName("x");
    writeFloat(json, x);
    json.writeFieldName("y");
    writeFloat(json, y);
    json.writeBinaryField("wkb", wellKnownBinary(x, y));
    json.writeNullField("srid");
    json.writeEndObject();
  }

  private static boolean isFloat(String text) {
    return switch (text) {
      case "NaN", "Infinity", "-Infinity" -> true;
      default -> JsonNumber.is(text);
    };
  }

  /** A point in OGC's well-known binary, which is made of doubles, as PostgreSQL's points are. */
  private static byte[] wellKnownBinary(String x, String y) {
    return ByteBuffer.allocate(21)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 1)
        .putInt(1)
        .putDouble(Double.parseDouble(x))
        .putDouble(Double.parseDouble(y))
        .array();
  }
}

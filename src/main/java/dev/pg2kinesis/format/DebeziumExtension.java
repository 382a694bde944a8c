package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Type;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes values of the extensions that Debezium knows: PostGIS, pgvector and hstore. An extension's
 * types live in whichever schema it was created in. A text that is none of the type's stays a
 * string.
 */
final class DebeziumExtension {

  /** The bit in a geometry's type that says that the reference system follows. */
  private static final int HAS_SRID = 0x2000_0000;

  private static final String NUMBER = "-?[0-9.]+(?:e[-+]?[0-9]+)?";

  private static final Pattern VECTOR = Pattern.compile("\\[" + NUMBER + "(?:," + NUMBER + ")*]");

  private static final Pattern SPARSE_VECTOR =
      Pattern.compile("\\{((?:[0-9]+:" + NUMBER + "(?:,[0-9]+:" + NUMBER + ")*)?)}/([0-9]+)");

  private DebeziumExtension() {}

  static void write(JsonGenerator json, Type type, String text) throws IOException {
    boolean written =
        switch (name(type)) {
          case "geometry", "geography" -> writeGeometry(json, text);
          case "vector", "halfvec" -> writeVector(json, text);
          case "sparsevec" -> writeSparseVector(json, text);
          default -> false;
        };
    if (!written) {
      json.writeString(DebeziumHstore.is(type) ? DebeziumHstore.toJson(text) : text);
    }
  }

  /**
   * The name without its schema, of a type that an extension may have, or had if it is gone.
   * Built-in types have no schema, and a user's composite may have any name.
   */
  private static String name(Type type) {
    boolean possible =
        type instanceof Type.Scalar scalar
            && (scalar.kind() == Type.Kind.BASE || scalar.kind() == Type.Kind.UNKNOWN);
    int dot = type.name().lastIndexOf('.');
    return possible && dot >= 0 ? type.name().substring(dot + 1) : "";
  }

  /** Extended well-known binary, which PostGIS prints in hexadecimal. */
  private static boolean writeGeometry(JsonGenerator json, String text) throws IOException {
    byte[] wkb;
    try {
      wkb = HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (wkb.length < 1 + Integer.BYTES) {
      return false;
    }
    ByteBuffer header =
        ByteBuffer.wrap(wkb).order(wkb[0] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    boolean hasSrid = (header.getInt(1) & HAS_SRID) != 0;
    if (hasSrid && wkb.length < 1 + 2 * Integer.BYTES) {
      return false;
    }
    json.writeStartObject();
    json.writeBinaryField("wkb", wkb);
    json.writeFieldName("srid");
    if (hasSrid) {
      json.writeNumber(header.getInt(1 + Integer.BYTES));
    } else {
      json.writeNull();
    }
    json.writeEndObject();
    return true;
  }

  private static boolean writeVector(JsonGenerator json, String text) throws IOException {
    if (!VECTOR.matcher(text).matches()) {
      return false;
    }
    json.writeStartArray();
    for (String number : text.substring(1, text.length() - 1).split(",", -1)) {
      DebeziumValue.writeFloat(json, number);
    }
    json.writeEndArray();
    return true;
  }

  /** Kafka Connect writes a map whose keys are not strings as an array of pairs. */
  private static boolean writeSparseVector(JsonGenerator json, String text) throws IOException {
    Matcher vector = SPARSE_VECTOR.matcher(text);
    if (!vector.matches()) {
      return false;
    }
    json.writeStartObject();
    json.writeFieldName("dimensions");
    json.writeNumber(vector.group(2));
    json.writeArrayFieldStart("vector");
    for (String pair : vector.group(1).isEmpty() ? new String[0] : vector.group(1).split(",", -1)) {
      int colon = pair.indexOf(':');
      json.writeStartArray();
      json.writeNumber(pair.substring(0, colon));
      DebeziumValue.writeFloat(json, pair.substring(colon + 1));
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
    return true;
  }
}

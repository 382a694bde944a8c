package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Type;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Reads the text form of the extension type hstore: {@code "key"=>"value", "other"=>NULL}. */
final class DebeziumHstore {

  private static final JsonFactory JSON = new JsonFactory();

  private final String text;
  private int at;

  private DebeziumHstore(String text) {
    this.text = text;
  }

  /**
   * Whether a type is the extension's, in whichever schema the extension was created; or was, if it
   * is gone.
   */
  static boolean is(Type type) {
    return type instanceof Type.Scalar scalar
        && (scalar.kind() == Type.Kind.BASE || scalar.kind() == Type.Kind.UNKNOWN)
        && type.name().endsWith(".hstore");
  }

  /** The pairs as the text of a JSON object, or the text itself if it is not an hstore. */
  static String toJson(String text) {
    StringWriter object = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(object)) {
      json.writeStartObject();
      boolean whole = new DebeziumHstore(text).writePairs(json);
      json.writeEndObject();
      json.flush();
      return whole ? object.toString() : text;
    } catch (IOException e) {
      throw new UncheckedIOException("a string writer never fails", e);
    }
  }

  private boolean writePairs(JsonGenerator json) throws IOException {
    while (at < text.length()) {
      if (text.charAt(at) != '"') {
        return false;
      }
      json.writeFieldName(quoted());
      if (take("=>NULL")) {
        json.writeNull();
      } else if (take("=>\"")) {
        at--;
        json.writeString(quoted());
      } else {
        json.writeNull();
        return false;
      }
      if (at < text.length() && !take(", ")) {
        return false;
      }
    }
    return true;
  }

  private boolean take(String expected) {
    boolean there = text.startsWith(expected, at);
    at += there ? expected.length() : 0;
    return there;
  }

  private String quoted() {
    StringBuilder part = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      part.append(text.charAt(at));
    }
    at++;
    return part.toString();
  }
}

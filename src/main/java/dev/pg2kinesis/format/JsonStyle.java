package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON spelling (spacing, escapes), byte for byte as the original programs write it. */
final class JsonStyle {

  /** No spaces, non-ASCII characters as they are: Kafka Connect's converter. */
  static final JsonStyle COMPACT = new JsonStyle(false, null, null);

  /** Spaces after commas and colons, ASCII only: Python's {@code json.dumps}. */
  static final JsonStyle PYTHON = new JsonStyle(true, new Python(), new PythonSeparators());

  /** No spaces, HTML's special characters and line separators escaped: Go's encoding/json. */
  static final JsonStyle GO = new JsonStyle(false, new Go(), null);

  private final JsonFactory factory;
  private final @Nullable PrettyPrinter separators;

  JsonStyle(boolean ascii, @Nullable CharacterEscapes escapes, @Nullable PrettyPrinter separators) {
    this.separators = separators;
    JsonFactoryBuilder builder = new JsonFactoryBuilder();
    builder.disable(StreamWriteFeature.AUTO_CLOSE_TARGET);
    builder.disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM);
    builder.disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE);
    builder.rootValueSeparator((String) null);
    builder.configure(JsonWriteFeature.ESCAPE_NON_ASCII, ascii);
    builder.configure(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8, !ascii);
    if (escapes != null) {
      builder.characterEscapes(escapes);
    }
    this.factory = builder.build();
  }

  /** A generator of values in this style, with nothing between one value and the next. */
  JsonGenerator generator(Payload payload) throws IOException {
    JsonGenerator json = factory.createGenerator(payload, JsonEncoding.UTF8);
    if (separators != null) {
      json.setPrettyPrinter(separators);
    }
    return json;
  }

  private static final class PythonSeparators extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1L;

    PythonSeparators() {
      super(null); // between one value and the next
    }

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
      json.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
      json.writeRaw(", ");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
      json.writeRaw(", ");
    }
  }

  /** Python escapes DEL too. */
  private static final class Python extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DEL = 0x7f;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[DEL] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null;
    }
  }

  private static final class Go extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final SerializableString LINE_SEPARATOR = new SerializedString("\\u2028");
    private static final SerializableString PARAGRAPH_SEPARATOR = new SerializedString("\\u2029");

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      for (char c : new char[] {'<', '>', '&', '\b', '\f'}) {
        codes[c] = ESCAPE_STANDARD;
      }
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return switch (character) {
        case 0x2028 -> LINE_SEPARATOR;
        case 0x2029 -> PARAGRAPH_SEPARATOR;
        default -> null;
      };
    }
  }
}

package dev.pg2kinesis.aws;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that AWS hands over (events, secrets, parameters) as plain values. An object is a map in
 * the order of its fields, an array a list. A whole number is an {@link Integer}, a {@link Long} or
 * a {@link java.math.BigInteger}, the first that holds it; one with a fraction or an exponent is a
 * {@link Double}.
 */
public final class PlainJson {

  private static final JSON EACH_FIELD_ONCE =
      JSON.std
          .with(JSON.Feature.WRITE_NULL_PROPERTIES)
          // Such a map looks late at what it holds.
          .without(JSON.Feature.USE_DEFERRED_MAPS);

  private static final JSON LAST_FIELD_COUNTS =
      EACH_FIELD_ONCE.without(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS);

  private PlainJson() {}

  /**
   * The value that a text is; null also if it is blank.
   *
   * @throws IOException if it is not exactly one value, or a name stands twice in an object
   */
  public static @Nullable Object read(String text) throws IOException {
    return read(EACH_FIELD_ONCE, text);
  }

  /** The same of bytes: UTF-8, UTF-16 or UTF-32. */
  public static @Nullable Object read(byte[] text) throws IOException {
    return read(EACH_FIELD_ONCE, text);
  }

  /** The same, but of fields with one name the last counts. */
  static @Nullable Object readLenient(String text) throws IOException {
    return read(LAST_FIELD_COUNTS, text);
  }

  private static @Nullable Object read(JSON reader, Object text) throws IOException {
    try (JsonParser parser = reader.createParser(text)) {
      if (parser.nextToken() == null) {
        return null;
      }
      Object value = reader.anyFrom(parser);
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "more follows the value");
      }
      return value;
    }
  }

  /** The fields of an object; none of any other value. */
  public static Map<?, ?> fields(@Nullable Object value) {
    return value instanceof Map<?, ?> fields ? fields : Map.of();
  }

  /** A whole number that fits; null for any other value. */
  public static @Nullable Long asLong(@Nullable Object value) {
    return value instanceof Integer || value instanceof Long ? ((Number) value).longValue() : null;
  }

  /** Plain values as JSON without spaces. */
  public static String text(@Nullable Object value) {
    try {
      return EACH_FIELD_ONCE.asString(value);
    } catch (IOException e) {
      throw new IllegalStateException("plain values can be written", e);
    }
  }
}

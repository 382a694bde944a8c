package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of {@code COPY … TO STDOUT} in text form, whose values are those of the types' output
 * functions. PostgreSQL documentation, "COPY", section "Text Format". Pure.
 */
final class CopyText {

  private CopyText() {}

  /**
   * Reads one row.
   *
   * @param line the row in UTF-8, with or without its line feed
   * @throws IllegalArgumentException if a backslash ends the line
   */
  static List<Value> values(byte[] line) {
    List<Value> values = new ArrayList<>();
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    int start = 0;
    boolean escaped = false;
    for (int i = 0; i <= end; i++) {
      if (i == end || line[i] == '\t') {
        values.add(
            escaped
                ? unescaped(line, start, i)
                : Value.of(new String(line, start, i - start, UTF_8)));
        start = i + 1;
        escaped = false;
      } else if (line[i] == '\\') {
        escaped = true;
        if (++i == end) { // an escaped character is never a delimiter
          throw new IllegalArgumentException("a row of COPY ends in a backslash");
        }
      }
    }
    return values;
  }

  private static Value unescaped(byte[] line, int from, int to) {
    if (to - from == 2 && line[from + 1] == 'N') {
      return Value.NULL;
    }
    byte[] value = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      byte b = line[i];
      if (b == '\\') {
        b = unescaped(line[++i]);
      }
      value[length++] = b;
    }
    return Value.of(new String(value, 0, length, UTF_8));
  }

  private static byte unescaped(byte escaped) {
    return switch (escaped) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0b;
      default -> escaped;
    };
  }
}

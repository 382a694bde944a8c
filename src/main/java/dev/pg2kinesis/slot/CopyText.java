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
   * @param text the row in UTF-8, up to its line feed or the end of the array
   * @param start where the row begins
   * @param columns how many values it has, about
   * @throws IllegalArgumentException if a backslash ends the row
   */
  static List<Value> values(byte[] text, int start, int columns) {
    List<Value> values = new ArrayList<>(columns);
    boolean escaped = false;
    int from = start;
    for (int i = start; ; i++) {
      boolean end = i == text.length || text[i] == '\n';
      if (end || text[i] == '\t') {
        values.add(
            escaped ? unescaped(text, from, i) : Value.of(new String(text, from, i - from, UTF_8)));
        if (end) {
          return values;
        }
        from = i + 1;
        escaped = false;
      } else if (text[i] == '\\') {
        escaped = true;
        i++; // an escaped character is never a delimiter
        if (i == text.length || text[i] == '\n') {
          throw new IllegalArgumentException("a row of COPY ends in a backslash");
        }
      }
    }
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

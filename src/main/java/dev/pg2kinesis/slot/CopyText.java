package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Value;
import java.io.ByteArrayOutputStream;
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
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    boolean isNull = false;
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    for (int i = 0; i < end; i++) {
      byte b = line[i];
      if (b == '\t') {
        values.add(value(value, isNull));
        value.reset();
        isNull = false;
      } else if (b == '\\') {
        if (++i == end) {
          throw new IllegalArgumentException("a row of COPY ends in a backslash");
        }
        if (line[i] == 'N') {
          isNull = true;
        } else {
          value.write(unescaped(line[i]));
        }
      } else {
        value.write(b);
      }
    }
    values.add(value(value, isNull));
    return values;
  }

  private static Value value(ByteArrayOutputStream value, boolean isNull) {
    return isNull ? Value.NULL : Value.of(value.toString(UTF_8));
  }

  private static int unescaped(byte escaped) {
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

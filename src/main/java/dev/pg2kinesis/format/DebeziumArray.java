package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array in PostgreSQL's text form ("Array Input and Output Syntax" in PostgreSQL's
 * documentation), read without knowing the type of its elements. Lower bounds are dropped.
 *
 * @param elements {@link Value}s, or in a dimension that is not the innermost {@link
 *     DebeziumArray}s
 */
record DebeziumArray(List<Object> elements) {

  /**
   * Reads an array.
   *
   * @param delimiter the character between elements: a comma, for boxes a semicolon
   * @return null if the text is not an array
   */
  static @Nullable DebeziumArray parse(String text, char delimiter) {
    return new Reader(text, delimiter).read();
  }

  private static final class Reader {
    private final String text;
    private final Deque<DebeziumArray> open = new ArrayDeque<>();
    private final char delimiter;
    private int at;

    Reader(String text, char delimiter) {
      this.text = text;
      this.delimiter = delimiter;
      // Bounds such as [0:2]= come before the opening brace and hold none.
      this.at = text.startsWith("[") ? Math.max(0, text.indexOf('{')) : 0;
    }

    @Nullable DebeziumArray read() {
      boolean afterElement = false;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '{' && !afterElement) {
          open.push(new DebeziumArray(new ArrayList<>()));
          at++;
        } else if (open.isEmpty()) {
          return null;
        } else if (c == '}') {
          at++;
          DebeziumArray closed = open.pop();
          if (open.isEmpty()) {
            return at == text.length() ? closed : null;
          }
          open.element().elements().add(closed);
          afterElement = true;
        } else if (c == delimiter) {
          at++;
          afterElement = false;
        } else if (afterElement) {
          return null;
        } else {
          open.element().elements().add(c == '"' ? quoted() : bare());
          afterElement = true;
        }
      }
      return null;
    }

    private Value quoted() {
      StringBuilder element = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        element.append(text.charAt(at));
      }
      at++;
      return Value.of(element.toString());
    }

    private Value bare() {
      int start = at;
      while (at < text.length() && text.charAt(at) != delimiter && text.charAt(at) != '}') {
        at++;
      }
      String element = text.substring(start, at);
      return element.equals("NULL") ? Value.NULL : Value.of(element);
    }
  }
}

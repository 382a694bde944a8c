package dev.pg2kinesis.decode;

import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Copies the text of an array, composite or range and changes the parts inside; quotes each part as
 * the type's output function does.
 */
final class NestedText {

  /** Changes a field of a composite, given its index from 0. */
  interface FieldChange {
    String of(int index, String field);
  }

  private final String text;
  private final StringBuilder result;
  private int at;

  NestedText(String text, StringBuilder result) {
    this.text = text;
    this.result = result;
  }

  /** Copies an array; false if the text is not one. NULL elements stay. */
  boolean array(char delimiter, UnaryOperator<String> change) {
    if (text.startsWith("[")) { // bounds such as [0:2]=
      copyTo(Math.max(0, text.indexOf('{')));
    }
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '{') {
        depth++;
        copy();
      } else if (depth == 0) {
        return false;
      } else if (c == '}') {
        copy();
        if (--depth == 0) {
          return at == text.length();
        }
      } else if (c == delimiter) {
        copy();
      } else {
        element(delimiter, change);
      }
    }
    return false;
  }

  private void element(char delimiter, UnaryOperator<String> change) {
    boolean quoted = text.charAt(at) == '"';
    String element = part(c -> c == delimiter || c == '}');
    if (!quoted && element.equals("NULL")) {
      result.append(element);
      return;
    }
    String changed = change.apply(element);
    boolean quote =
        changed.isEmpty()
            || changed.equalsIgnoreCase("NULL")
            || changed
                .chars()
                .anyMatch(c -> c == delimiter || isSpace(c) || "{}\"\\".indexOf(c) >= 0);
    append(changed, quote, "\\\\", "\\\"");
  }

  /** Copies a composite; false if the text is not one. NULL fields, which are empty, stay. */
  boolean composite(FieldChange change) {
    if (!take('(')) {
      return false;
    }
    for (int index = 0; at < text.length(); index++) {
      if (!isAt(',') && !isAt(')')) {
        String changed = change.of(index, part(c -> c == ',' || c == ')'));
        boolean quote =
            changed.isEmpty()
                || changed.chars().anyMatch(c -> isSpace(c) || "(),\"\\".indexOf(c) >= 0);
        append(changed, quote, "\\\\", "\"\"");
      }
      if (take(')')) {
        return at == text.length();
      }
      if (!take(',')) {
        return false;
      }
    }
    return false;
  }

  /** Copies a range; false if the text is not one. An empty range and missing bounds stay. */
  boolean range(UnaryOperator<String> change) {
    if (!take('[') && !take('(')) {
      return false;
    }
    bound(change);
    if (!take(',')) {
      return false;
    }
    bound(change);
    return (take(']') || take(')')) && at == text.length();
  }

  private void bound(UnaryOperator<String> change) {
    if (!isAt(',') && !isAt(']') && !isAt(')')) {
      String changed = change.apply(part(c -> c == ',' || c == ']' || c == ')'));
      boolean quote =
          changed.isEmpty()
              || changed.chars().anyMatch(c -> isSpace(c) || "()[],\"\\".indexOf(c) >= 0);
      append(changed, quote, "\\\\", "\"\"");
    }
  }

  /** Copies a multirange, changing its ranges; false if the text is not one. */
  boolean multirange(UnaryOperator<String> change) {
    if (!take('{')) {
      return false;
    }
    while (isAt('[') || isAt('(')) {
      int start = at;
      boolean quoted = false;
      while (at < text.length() && (quoted || !(isAt(']') || isAt(')')))) {
        quoted ^= isAt('"');
        at++;
      }
      at++;
      if (at > text.length()) {
        return false;
      }
      result.append(change.apply(text.substring(start, at)));
      if (!take(',')) {
        break;
      }
    }
    return take('}') && at == text.length();
  }

  /** A part without its quotes; a quote inside is doubled or has a backslash before it. */
  private String part(IntPredicate end) {
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' && quoted && at + 1 < text.length() && text.charAt(at + 1) == '"') {
        part.append('"');
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && at + 1 < text.length()) {
        part.append(text.charAt(++at));
      } else if (!quoted && end.test(c)) {
        break;
      } else {
        part.append(c);
      }
      at++;
    }
    return part.toString();
  }

  private void append(String part, boolean quote, String backslash, String quoteMark) {
    if (quote) {
      result.append('"').append(part.replace("\\", backslash).replace("\"", quoteMark)).append('"');
    } else {
      result.append(part);
    }
  }

  private boolean take(char c) {
    if (isAt(c)) {
      copy();
      return true;
    }
    return false;
  }

  private boolean isAt(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private void copy() {
    result.append(text.charAt(at++));
  }

  private void copyTo(int end) {
    result.append(text, at, end);
    at = end;
  }

  /** As C's isspace() in the C locale. */
  private static boolean isSpace(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}

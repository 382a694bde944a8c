package dev.pg2kinesis.format;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads a comma-separated list of psql patterns, each into regular expressions. */
final class TablePatternReader {

  /** What psql hands to the regular expression engine outside quotes; {@code $} it does not. */
  private static final String REGULAR_EXPRESSION = "[](){}|+^\\";

  private final String setting;
  private int at;

  TablePatternReader(String setting) {
    this.setting = setting;
  }

  List<TablePattern> read() {
    List<TablePattern> patterns = new ArrayList<>();
    do {
      patterns.add(pattern());
    } while (take(','));
    if (at < setting.length()) {
      throw expected("a comma, or double quotes around a name with spaces");
    }
    return List.copyOf(patterns);
  }

  private TablePattern pattern() {
    skipSpaces();
    Pattern first = name();
    TablePattern pattern =
        take('.') ? new TablePattern(first, name()) : new TablePattern(null, first);
    if (at < setting.length() && setting.charAt(at) == '.') {
      throw expected("at most schema.table, without a database");
    }
    skipSpaces();
    return pattern;
  }

  private Pattern name() {
    StringBuilder regex = new StringBuilder();
    int start = at;
    boolean quoted = false;
    while (at < setting.length()) {
      int c = setting.codePointAt(at);
      if (c == '"' && quoted && at + 1 < setting.length() && setting.charAt(at + 1) == '"') {
        regex.append('"');
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (quoted) {
        appendLiteral(regex, c);
      } else if (c == '.' || c == ',' || isSpace(c)) {
        break;
      } else {
        appendUnquoted(regex, c);
      }
      at += Character.charCount(c);
    }
    if (quoted) {
      throw expected("a closing double quote");
    }
    if (regex.isEmpty()) {
      at = start;
      throw expected("a name or a pattern such as *");
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private void appendUnquoted(StringBuilder regex, int c) {
    if (REGULAR_EXPRESSION.indexOf(c) >= 0) {
      throw expected(
          "no regular expression (a name that holds this character goes in double quotes)");
    }
    switch (c) {
      case '*' -> regex.append(".*");
      case '?' -> regex.append('.');
      // As the server folds identifiers in multibyte encodings: ASCII letters only.
      default -> appendLiteral(regex, c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
  }

  private static void appendLiteral(StringBuilder regex, int c) {
    regex.append(Pattern.quote(Character.toString(c)));
  }

  private boolean take(char c) {
    if (at < setting.length() && setting.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpaces() {
    while (at < setting.length() && isSpace(setting.charAt(at))) {
      at++;
    }
  }

  private static boolean isSpace(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private IllegalArgumentException expected(String what) {
    return new IllegalArgumentException(
        "expected " + what + " at character " + (at + 1) + " of '" + setting + "'");
  }
}

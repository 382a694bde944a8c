package dev.pg2kinesis.format;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads psql patterns, each into regular expressions, and what a setting has between them: a list
 * of tables with {@link #read}, or pattern by pattern.
 */
final class TablePatternReader {

  /** What psql hands to the regular expression engine outside quotes; {@code $} it does not. */
  private static final String REGULAR_EXPRESSION = "[](){}|+^\\";

  private final String setting;
  private final String separators;
  private int at;

  /** Makes a value of a word, or null. */
  interface Word<T> {
    @Nullable T read(String word);
  }

  /** A name; its text is null if it has wildcards. */
  private record Name(Pattern pattern, @Nullable String literal) {}

  TablePatternReader(String setting) {
    this(setting, ",");
  }

  /**
   * @param separators characters that end a name outside quotes, beside dots and spaces
   */
  TablePatternReader(String setting, String separators) {
    this.setting = setting;
    this.separators = separators;
  }

  List<TablePattern> read() {
    List<TablePattern> patterns = new ArrayList<>();
    do {
      patterns.add(table());
    } while (take(','));
    expectEnd("a comma");
    return List.copyOf(patterns);
  }

  /** Reads {@code table} or {@code schema.table} and the spaces around it. */
  TablePattern table() {
    skipSpaces();
    Pattern first = name().pattern();
    TablePattern pattern =
        take('.') ? new TablePattern(first, name().pattern()) : new TablePattern(null, first);
    if (at < setting.length() && setting.charAt(at) == '.') {
      throw expected("at most schema.table, without a database");
    }
    skipSpaces();
    return pattern;
  }

  /** Reads {@code schema.table.column} and the spaces around it. */
  ColumnPattern column() {
    skipSpaces();
    Pattern schema = name().pattern();
    expectDot();
    Pattern table = name().pattern();
    expectDot();
    Pattern column = name().pattern();
    if (at < setting.length() && setting.charAt(at) == '.') {
      throw expected("schema.table.column, without a database");
    }
    skipSpaces();
    return new ColumnPattern(new TablePattern(schema, table), column);
  }

  private void expectDot() {
    if (!take('.')) {
      throw expected("schema.table.column, each a name or a pattern such as *");
    }
  }

  /** Reads the name of one column and the spaces around it. */
  String columnName() {
    skipSpaces();
    int start = at;
    String literal = name().literal();
    if (literal == null) {
      at = start;
      throw expected("the name of a column, without * and ? outside double quotes");
    }
    skipSpaces();
    return literal;
  }

  /**
   * Reads up to the next separator.
   *
   * @param parse makes a value of the text without the spaces around it, or null
   */
  <T> T word(Word<T> parse, String expected) {
    skipSpaces();
    int start = at;
    while (at < setting.length() && separators.indexOf(setting.charAt(at)) < 0) {
      at++;
    }
    T value = parse.read(setting.substring(start, at).strip());
    if (value == null) {
      at = start;
      throw expected(expected);
    }
    return value;
  }

  /** Expects a character after a name. */
  void expect(char separator, String expected) {
    if (!take(separator)) {
      throw expected(expected);
    }
  }

  /** Expects that nothing is left; {@code orElse} says what could have stood here instead. */
  void expectEnd(String orElse) {
    if (at < setting.length()) {
      throw expected(orElse + ", or double quotes around a name with spaces");
    }
  }

  private Name name() {
    StringBuilder regex = new StringBuilder();
    StringBuilder literal = new StringBuilder();
    boolean wild = false;
    int star = -1;
    int start = at;
    boolean quoted = false;
    while (at < setting.length()) {
      int c = setting.codePointAt(at);
      if (c == '"' && quoted && at + 1 < setting.length() && setting.charAt(at + 1) == '"') {
        regex.append('"');
        literal.append('"');
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (quoted) {
        appendLiteral(regex, c);
        literal.appendCodePoint(c);
      } else if (c == '.' || separators.indexOf(c) >= 0 || isSpace(c)) {
        break;
      } else if (c == '*') {
        endStar(regex, star, true);
        star = regex.length();
        wild = true;
      } else {
        appendUnquoted(regex, c);
        literal.appendCodePoint(folded(c));
        wild |= c == '?';
      }
      at += Character.charCount(c);
    }
    if (quoted) {
      throw expected("a closing double quote");
    }
    endStar(regex, star, false);
    if (regex.isEmpty()) {
      at = start;
      throw expected("a name or a pattern such as *");
    }
    return new Name(
        Pattern.compile(regex.toString(), Pattern.DOTALL), wild ? null : literal.toString());
  }

  /**
   * Writes the {@code *} at a place. What stands between it and the next one may be found at its
   * first place for good: no other would leave more for the rest. Without that, a pattern with many
   * of them would be tried in all ways, and take longer than any run.
   *
   * @param star where it is; negative if there is none
   */
  private static void endStar(StringBuilder regex, int star, boolean anotherFollows) {
    if (star >= 0) {
      regex.insert(star, anotherFollows ? "(?>.*?" : ".*");
      regex.append(anotherFollows ? ")" : "");
    }
  }

  private void appendUnquoted(StringBuilder regex, int c) {
    if (REGULAR_EXPRESSION.indexOf(c) >= 0) {
      throw expected(
          "no regular expression (a name that holds this character goes in double quotes)");
    }
    if (c == '?') {
      regex.append('.');
    } else {
      appendLiteral(regex, folded(c));
    }
  }

  /** As the server folds identifiers in multibyte encodings: ASCII letters only. */
  private static int folded(int c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
  }

  private static void appendLiteral(StringBuilder regex, int c) {
    regex.append(Pattern.quote(Character.toString(c)));
  }

  /** Reads the character if it is the next one. */
  boolean take(char c) {
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

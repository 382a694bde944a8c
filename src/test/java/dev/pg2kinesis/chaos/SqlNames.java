package dev.pg2kinesis.chaos;

/** Names and texts as SQL has them. */
final class SqlNames {

  private SqlNames() {}

  /** A name in quotes. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text as a constant, for {@code standard_conforming_strings}. */
  static String text(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.TableName;

/**
 * Names and values as SQL text, for statements that take no parameters, such as COPY. PostgreSQL
 * documentation, "Lexical Structure".
 */
final class SqlText {

  private SqlText() {}

  /** A quoted identifier. */
  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A table's name with its schema. */
  static String identifier(TableName table) {
    return identifier(table.schema()) + '.' + identifier(table.name());
  }

  /** A string constant, whatever {@code standard_conforming_strings} is. */
  static String literal(String text) {
    return (text.indexOf('\\') < 0 ? "'" : " E'")
        + text.replace("\\", "\\\\").replace("'", "''")
        + "'";
  }
}

package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.TableName;

/**
 * SQL identifiers as {@code quote_identifier} prints them: bare if they are lower-case ASCII words
 * that mean nothing else, otherwise in double quotes with each quote inside doubled.
 */
final class Identifiers {

  private Identifiers() {}

  /** Reads {@code schema.name}. */
  static TableName qualified(TextCursor cursor) {
    String schema = read(cursor, "a schema's name");
    cursor.expect('.');
    return new TableName(schema, read(cursor, "a table's name"));
  }

  /** Reads one identifier. */
  static String read(TextCursor cursor, String expected) {
    int from = cursor.position();
    if (cursor.peek() != '"') {
      skipWord(cursor);
      if (cursor.position() == from) {
        throw cursor.expected(expected);
      }
      return cursor.text(from, cursor.position());
    }
    skipQuoted(cursor, expected);
    String inside = cursor.text(from + 1, cursor.position() - 1);
    return inside.replace("\"\"", "\"");
  }

  /** Moves over what needs no quotes: lower-case ASCII letters, digits and underscores. */
  private static void skipWord(TextCursor cursor) {
    int b = cursor.peek();
    while ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_') {
      cursor.moveTo(cursor.position() + 1);
      b = cursor.peek();
    }
  }

  /** Moves over a quoted identifier that starts here, from its first quote to its last. */
  static void skipQuoted(TextCursor cursor, String expected) {
    int start = cursor.position();
    int at = start;
    do {
      at = cursor.find('"', at + 1) + 1;
      if (at > cursor.bytes().length) {
        throw cursor.expected(expected);
      }
    } while (at < cursor.bytes().length && cursor.bytes()[at] == '"');
    cursor.moveTo(at);
  }
}

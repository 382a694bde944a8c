package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;

/** Reads what both format versions of wal2json have in common: values, types and messages. */
final class Wal2JsonText {

  private static final Value TRUE = Value.of("t");
  private static final Value FALSE = Value.of("f");

  private static final byte[] NULL = literal("null");
  private static final byte[] TRUE_WORD = literal("true");
  private static final byte[] FALSE_WORD = literal("false");
  private static final byte[] PREFIX = literal(",\"prefix\":");
  private static final byte[] CONTENT = literal(",\"content\":");

  private final TextCursor cursor;
  private final JsonText json;

  Wal2JsonText(TextCursor cursor) {
    this.cursor = cursor;
    this.json = new JsonText(cursor);
  }

  JsonText json() {
    return json;
  }

  /** Reads a value and gives it the form that the type's output function gives it. */
  Value value(ValueForm form) {
    if (cursor.peek() == 'n') {
      cursor.expect(NULL);
      return Value.NULL;
    }
    return switch (form) {
      case BOOLEAN -> truth() ? TRUE : FALSE;
      case BARE -> cursor.peek() == '"' ? quoted("") : number();
      case QUOTED, BITS -> quoted("");
      case BYTES -> quoted("\\x");
    };
  }

  private Value quoted(String prefix) {
    return Value.of(json.prefixed(prefix, "a value in quotes, or null"));
  }

  private Value number() {
    int from = cursor.position();
    int to = from;
    while (isOfNumber(cursor.at(to))) {
      to++;
    }
    if (to == from) {
      throw cursor.expected("a number or null");
    }
    cursor.moveTo(to);
    return Value.of(new String(cursor.bytes(), from, to - from, StandardCharsets.ISO_8859_1));
  }

  private static boolean isOfNumber(int b) {
    return (b >= '0' && b <= '9') || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E';
  }

  /** Reads {@code true} or {@code false}. */
  boolean truth() {
    if (cursor.skip(TRUE_WORD)) {
      return true;
    }
    if (!cursor.skip(FALSE_WORD)) {
      throw cursor.expected("true or false");
    }
    return false;
  }

  /**
   * Reads a type's name and takes its modifier off. A name that starts with a quoted identifier is
   * printed as it is, as if its quotes were JSON's: {@code "Odd schema".mood}, and {@code "char"},
   * which only looks like a string. (Arrays are escaped, and so are names that start otherwise.)
   */
  String type() {
    int from = cursor.position();
    json.skip("a type's name");
    int next = cursor.peek();
    boolean isString = next == ',' || next == '}' || next == ']';
    cursor.moveTo(from);
    String type = isString ? json.string("a type's name") : rawType(from);
    return type.equals("char") ? "\"char\"" : TypeNames.withoutModifier(type);
  }

  private String rawType(int from) {
    Identifiers.skipQuoted(cursor, "a type's name");
    if (cursor.skip('.')) {
      Identifiers.read(cursor, "a type's name");
    }
    if (cursor.skip('(')) {
      int close = cursor.find(')', cursor.position());
      cursor.moveTo(Math.min(close, cursor.bytes().length));
      cursor.expect(')');
    }
    if (cursor.skip('[')) {
      cursor.expect(']');
    }
    return cursor.text(from, cursor.position());
  }

  /** Reads a message from its {@code "prefix"} on. */
  Message message(Lsn lsn, boolean transactional) {
    cursor.expect(PREFIX);
    String prefix = json.string("a message's prefix");
    cursor.expect(CONTENT);
    return new Message(lsn, transactional, prefix, json.bytes("a message's content"));
  }
}

package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the columns of a row of test_decoding: {@code id[integer]:1 "Name"[text]:'x'}. */
final class TestDecodingTuples {

  private static final Value TRUE = Value.of("t");
  private static final Value FALSE = Value.of("f");

  private static final byte[] NEW_TUPLE = literal(" new-tuple:");
  private static final byte[] NULL = literal("null");
  private static final byte[] UNCHANGED = literal("unchanged-toast-datum");
  private static final byte[] TRUE_WORD = literal("true");
  private static final byte[] FALSE_WORD = literal("false");

  private final TextCursor cursor;
  private Value[] values = new Value[16];
  private byte[] unquoted = new byte[256];

  TestDecodingTuples(TextCursor cursor) {
    this.cursor = cursor;
  }

  /** Reads columns up to the row's end or to {@code new-tuple:}. */
  Row read(TestDecodingDecoder.Relation relation) {
    if (relation.columnsSeen.grown()) {
      relation.columnsSeen = ColumnPath.root();
    }
    ColumnPath path = relation.columnsSeen;
    while (!cursor.atEnd()) {
      ColumnPath next = path.known(cursor);
      if (next == null) {
        if (cursor.startsWith(NEW_TUPLE)) {
          break;
        }
        next = newColumn(path, relation);
      }
      if (path.depth() == values.length) {
        values = Arrays.copyOf(values, 2 * values.length);
      }
      values[path.depth()] = value(next.form());
      path = next;
    }
    return path.row(values);
  }

  private ColumnPath newColumn(ColumnPath path, TestDecodingDecoder.Relation relation) {
    int from = cursor.position();
    cursor.expect(' ');
    String name = Identifiers.read(cursor, "a column's name");
    cursor.expect('[');
    String type = type();
    return path.add(
        relation.column(name, type),
        Arrays.copyOfRange(cursor.bytes(), from, cursor.position()),
        ValueForm.of(type),
        relation.isVirtual(name));
  }

  /** Reads a type's name and the {@code ]:} after it; the name may hold both, quoted. */
  private String type() {
    byte[] bytes = cursor.bytes();
    int from = cursor.position();
    for (int b = cursor.peek(); b >= 0x20 && b < 0x7f; b = cursor.peek()) {
      int at = cursor.position();
      if (b == '"') {
        Identifiers.skipQuoted(cursor, "a type's name");
      } else if (b == ']' && at > from && at + 1 < bytes.length && bytes[at + 1] == ':') {
        cursor.moveTo(at + 2);
        return cursor.text(from, at);
      } else {
        cursor.moveTo(at + 1);
      }
    }
    throw cursor.expected("a type's name and ']:'");
  }

  private Value value(ValueForm form) {
    return switch (form) {
      case BARE -> bare();
      case QUOTED, BYTES -> cursor.skip('\'') ? quoted() : marker("a value in quotes");
      case BITS -> cursor.skip('B') ? bits() : marker("a bit string");
      case BOOLEAN -> truth();
    };
  }

  private Value truth() {
    if (cursor.skip(TRUE_WORD)) {
      return TRUE;
    }
    return cursor.skip(FALSE_WORD) ? FALSE : marker("true, false");
  }

  private Value marker(String orElse) {
    if (cursor.skip(NULL)) {
      return Value.NULL;
    }
    if (cursor.skip(UNCHANGED)) {
      return Value.UNCHANGED;
    }
    throw cursor.expected(orElse + ", null or unchanged-toast-datum");
  }

  private Value bits() {
    cursor.expect('\'');
    int from = cursor.position();
    for (int b = cursor.peek(); b == '0' || b == '1'; b = cursor.peek()) {
      cursor.moveTo(cursor.position() + 1);
    }
    Value bits = ascii(from);
    cursor.expect('\'');
    return bits;
  }

  /** A number, which has no space in it; so has NaN, and so have the two markers. */
  private Value bare() {
    int from = cursor.position();
    int b = cursor.peek();
    if (b == 'n' || b == 'u') {
      return marker("a number");
    }
    int to = from;
    while ((b >= '+' && b <= '9') || (b >= 'A' && b <= 'z')) {
      b = cursor.at(++to);
    }
    if (to == from) {
      throw cursor.expected("a number, null or unchanged-toast-datum");
    }
    cursor.moveTo(to);
    return ascii(from);
  }

  private Value ascii(int from) {
    return Value.of(
        new String(cursor.bytes(), from, cursor.position() - from, StandardCharsets.ISO_8859_1));
  }

  /** Reads the rest of a quoted value, with the cursor after its first quote. */
  private Value quoted() {
    byte[] bytes = cursor.bytes();
    int from = cursor.position();
    int quote = cursor.find('\'', from);
    if (quote + 1 < bytes.length && bytes[quote + 1] == '\'') {
      return quotedWithQuotes(from, quote);
    }
    if (quote == bytes.length) {
      throw cursor.expected("a value and the quote that ends it");
    }
    Value value = Value.of(cursor.text(from, quote));
    cursor.moveTo(quote + 1);
    return value;
  }

  private Value quotedWithQuotes(int from, int firstQuote) {
    byte[] bytes = cursor.bytes();
    int length = 0;
    int start = from;
    int quote = firstQuote;
    while (quote + 1 < bytes.length && bytes[quote + 1] == '\'') {
      length = append(start, quote + 1, length);
      start = quote + 2;
      quote = cursor.find('\'', start);
    }
    if (quote >= bytes.length) {
      throw cursor.expected("a value and the quote that ends it");
    }
    length = append(start, quote, length);
    Value value = Value.of(cursor.text(unquoted, 0, length));
    cursor.moveTo(quote + 1);
    return value;
  }

  private int append(int from, int to, int length) {
    int sum = length + to - from;
    if (sum > unquoted.length) {
      unquoted = Arrays.copyOf(unquoted, Math.max(sum, 2 * unquoted.length));
    }
    System.arraycopy(cursor.bytes(), from, unquoted, length, to - from);
    return sum;
  }
}

package dev.pg2kinesis.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads JSON strings as {@code escape_json} writes them. */
final class JsonText {

  private final TextCursor cursor;
  private byte[] unescaped = new byte[256];

  JsonText(TextCursor cursor) {
    this.cursor = cursor;
  }

  /** Reads a string from its first quote to its last. */
  String string(String expected) {
    return prefixed("", expected);
  }

  /** Reads a string and puts something before it. */
  String prefixed(String prefix, String expected) {
    start(expected);
    int from = cursor.position();
    int end = cursor.find('"', '\\', from);
    String text;
    if (cursor.at(end) == '"') {
      text = cursor.text(from, end);
    } else {
      int length = unescape(from, end, expected);
      end = cursor.position();
      cursor.moveTo(from);
      text = cursor.text(unescaped, 0, length);
    }
    cursor.moveTo(end + 1);
    return prefix.isEmpty() ? text : prefix.concat(text);
  }

  /** Reads a string as the bytes that it stands for, which need not be UTF-8. */
  byte[] bytes(String expected) {
    start(expected);
    int from = cursor.position();
    int length = unescape(from, cursor.find('"', '\\', from), expected);
    cursor.moveTo(cursor.position() + 1);
    return Arrays.copyOf(unescaped, length);
  }

  /** Moves over a string from its first quote to its last. */
  void skip(String expected) {
    start(expected);
    int end = cursor.find('"', '\\', cursor.position());
    while (cursor.at(end) == '\\') {
      end = cursor.find('"', '\\', end + 2);
    }
    if (cursor.at(end) < 0) {
      throw cursor.expected(expected);
    }
    cursor.moveTo(end + 1);
  }

  private void start(String expected) {
    if (!cursor.skip('"')) {
      throw cursor.expected(expected);
    }
  }

  /**
   * Copies a string without its escapes and leaves the cursor at its last quote.
   *
   * @return how many bytes there are in {@link #unescaped}
   */
  private int unescape(int from, int firstSpecial, String expected) {
    int length = 0;
    int start = from;
    int special = firstSpecial;
    while (cursor.at(special) == '\\') {
      length = append(start, special, length);
      cursor.moveTo(special);
      length = escape(length);
      start = cursor.position();
      special = cursor.find('"', '\\', start);
    }
    if (cursor.at(special) < 0) {
      throw cursor.expected(expected);
    }
    length = append(start, special, length);
    cursor.moveTo(special);
    return length;
  }

  /** Reads one escape, from its backslash on. */
  private int escape(int length) {
    int at = cursor.position();
    int c = cursor.at(at + 1);
    if (c == 'u') {
      return unicode(at + 2, length);
    }
    int plain =
        switch (c) {
          case '"', '\\', '/' -> c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> throw cursor.expected("an escape of JSON");
        };
    cursor.moveTo(at + 2);
    return append((byte) plain, length);
  }

  /** Reads four hexadecimal digits; {@code escape_json} writes control characters so. */
  private int unicode(int from, int length) {
    int c = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = Character.digit(Math.max(cursor.at(i), 0), 16);
      if (digit < 0) {
        throw cursor.expected("an escape of JSON");
      }
      c = (c << 4) | digit;
    }
    if (Character.isSurrogate((char) c)) {
      throw cursor.expected("an escape of JSON that is a character by itself");
    }
    cursor.moveTo(from + 4);
    int sum = length;
    for (byte b : String.valueOf((char) c).getBytes(StandardCharsets.UTF_8)) {
      sum = append(b, sum);
    }
    return sum;
  }

  private int append(byte b, int length) {
    reserve(length + 1);
    unescaped[length] = b;
    return length + 1;
  }

  private int append(int from, int to, int length) {
    int sum = length + to - from;
    reserve(sum);
    System.arraycopy(cursor.bytes(), from, unescaped, length, to - from);
    return sum;
  }

  private void reserve(int length) {
    if (length > unescaped.length) {
      unescaped = Arrays.copyOf(unescaped, Math.max(length, 2 * unescaped.length));
    }
  }
}

package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A position in one row of a text plugin. Every read is checked against the row's end, and every
 * failure is a {@link DecodeException} at this position.
 */
final class TextCursor {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long MAX_XID = 0xFFFFFFFFL;

  private final Plugin plugin;
  private byte[] bytes = new byte[0];
  private int position;
  private Lsn lsn = new Lsn(0);

  TextCursor(Plugin plugin) {
    this.plugin = plugin;
  }

  TextCursor(Plugin plugin, RawRow row) {
    this.plugin = plugin;
    reset(row);
  }

  /** The bytes of an ASCII literal of the grammar. */
  static byte[] literal(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  /** Goes to the start of another row. */
  void reset(RawRow row) {
    bytes = row.bytes();
    lsn = row.lsn();
    position = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return position;
  }

  void moveTo(int newPosition) {
    position = newPosition;
  }

  boolean atEnd() {
    return position == bytes.length;
  }

  int remaining() {
    return bytes.length - position;
  }

  /** The byte here, or -1 at the end. */
  int peek() {
    return position < bytes.length ? bytes[position] & 0xff : -1;
  }

  /** The byte at an offset, or -1 at or beyond the end. */
  int at(int offset) {
    return offset < bytes.length ? bytes[offset] & 0xff : -1;
  }

  boolean startsWith(byte[] literal) {
    int end = position + literal.length;
    return end <= bytes.length && Arrays.equals(bytes, position, end, literal, 0, literal.length);
  }

  /** Moves over the literal if it stands here. */
  boolean skip(byte[] literal) {
    if (startsWith(literal)) {
      position += literal.length;
      return true;
    }
    return false;
  }

  /** Moves over the byte if it stands here. */
  boolean skip(char ascii) {
    if (position < bytes.length && bytes[position] == ascii) {
      position++;
      return true;
    }
    return false;
  }

  void expect(byte[] literal) {
    if (!skip(literal)) {
      throw expected("'" + new String(literal, StandardCharsets.US_ASCII) + "'");
    }
  }

  void expect(char ascii) {
    if (!skip(ascii)) {
      throw expected("'" + ascii + "'");
    }
  }

  void expectEnd() {
    if (position != bytes.length) {
      throw expected("the end of the row");
    }
  }

  /** Reads decimal digits as a transaction id, unsigned 32 bits. */
  long xid() {
    return number(MAX_XID, "a transaction id");
  }

  /** Reads decimal digits as a number from 0 to {@code max}, which has at most 18 digits. */
  long number(long max, String expected) {
    int from = position;
    long number = 0;
    while (position < bytes.length && isDigit(bytes[position]) && number <= max) {
      number = number * 10 + (bytes[position++] - '0');
    }
    if (position == from || number > max) {
      position = from;
      throw expected(expected);
    }
    return number;
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** The offset of the next {@code ascii} at or after {@code from}, or at least the length. */
  int find(char ascii, int from) {
    long pattern = LOW_BITS * ascii;
    int at = from;
    for (int last = bytes.length - Long.BYTES; at <= last; at += Long.BYTES) {
      long zeroWhereEqual = (long) LONGS.get(bytes, at) ^ pattern;
      long hits = (zeroWhereEqual - LOW_BITS) & ~zeroWhereEqual & HIGH_BITS;
      if (hits != 0) {
        return at + (Long.numberOfTrailingZeros(hits) >>> 3);
      }
    }
    while (at < bytes.length && bytes[at] != ascii) {
      at++;
    }
    return at;
  }

  /**
   * The offset of the next {@code a} or {@code b} at or after {@code from}, or at least the length.
   */
  int find(char a, char b, int from) {
    long patternA = LOW_BITS * a;
    long patternB = LOW_BITS * b;
    int at = from;
    for (int last = bytes.length - Long.BYTES; at <= last; at += Long.BYTES) {
      long eight = (long) LONGS.get(bytes, at);
      long zeroWhereA = eight ^ patternA;
      long zeroWhereB = eight ^ patternB;
      long hits =
          (((zeroWhereA - LOW_BITS) & ~zeroWhereA) | ((zeroWhereB - LOW_BITS) & ~zeroWhereB))
              & HIGH_BITS;
      if (hits != 0) {
        return at + (Long.numberOfTrailingZeros(hits) >>> 3);
      }
    }
    while (at < bytes.length && bytes[at] != a && bytes[at] != b) {
      at++;
    }
    return at;
  }

  /** The text between two offsets of the row. */
  String text(int from, int to) {
    return text(bytes, from, to);
  }

  /**
   * The text between two offsets of some bytes that come from this row.
   *
   * @throws DecodeException at the present position, if they are not UTF-8
   */
  String text(byte[] source, int from, int to) {
    String text = Utf8.text(source, from, to);
    if (text == null) {
      throw expected("text in UTF-8");
    }
    return text;
  }

  /** What to throw when something else should have stood here. */
  DecodeException expected(String what) {
    return new DecodeException(plugin, lsn, position, what);
  }
}

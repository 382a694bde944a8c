package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Utf8;
import java.util.Arrays;

/**
 * A cursor over one message of the logical replication protocol ("Logical Replication Message
 * Formats", PostgreSQL documentation): integers in network order, strings ended by a zero byte.
 *
 * <p>Every read checks that its bytes are there. The {@code field} arguments are for the error
 * alone, which names message, field, offset and LSN, and no bytes that were found.
 */
final class PgOutputReader {

  private final RawRow row;
  private final byte[] bytes;
  private final String message;
  private String list = "";
  private int index;
  private int offset;

  /**
   * @param row the row; its first byte tells the message and is not read again
   * @param message the message's name in the documentation
   */
  PgOutputReader(RawRow row, String message) {
    this.row = row;
    this.bytes = row.bytes();
    this.message = message;
    this.offset = 1;
  }

  /** Says that the next fields belong to an element of a list, such as a column. */
  void element(String list, int index) {
    this.list = list;
    this.index = index;
  }

  /** Says that the next fields belong to the message itself. */
  void elementsDone() {
    this.list = "";
  }

  /** One unsigned byte. */
  int int8(String field) {
    int at = take(field, 1, "1 byte");
    return bytes[at] & 0xFF;
  }

  /** Two bytes, unsigned. */
  int int16(String field) {
    int at = take(field, Short.BYTES, "2 bytes");
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }

  int int32(String field) {
    int at = take(field, Integer.BYTES, "4 bytes");
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }

  long int64(String field) {
    return ((long) int32(field) << Integer.SIZE) | (int32(field) & 0xFFFF_FFFFL);
  }

  /** Characters up to a zero byte. */
  String string(String field) {
    int end = offset;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    if (end == bytes.length) {
      throw expected(field, "a string ended by a zero byte");
    }
    String string = utf8(field, end - offset);
    offset++;
    return string;
  }

  /** Characters after their length in bytes. */
  String text(String field) {
    return utf8(field, length(field));
  }

  /** Bytes after their number. */
  byte[] bytes(String field) {
    int length = length(field);
    int at = take(field, length, "as many bytes as its length says");
    return Arrays.copyOfRange(bytes, at, at + length);
  }

  /** Eight bytes that must be the LSN which the row has too. */
  void rowLsn(String field) {
    if (int64(field) != row.lsn().value()) {
      throw expectedBefore(field, Long.BYTES, "the LSN of the row");
    }
  }

  /** Checks that the message ends here. */
  void end() {
    if (offset != bytes.length) {
      throw expected("end", "the end of the message");
    }
  }

  /** The error for a field that stands at the cursor. */
  DecodeException expected(String field, String what) {
    return expectedAt(offset, field, what);
  }

  /** The error for a field of one byte that was just read. */
  DecodeException expectedBefore(String field, String what) {
    return expectedBefore(field, 1, what);
  }

  /** The error for a field that was just read, of the given number of bytes. */
  DecodeException expectedBefore(String field, int bytes, String what) {
    return expectedAt(offset - bytes, field, what);
  }

  private DecodeException expectedAt(int at, String field, String what) {
    String element = list.isEmpty() ? "." : "." + list + '[' + index + "].";
    return new DecodeException(
        Plugin.PGOUTPUT, row.lsn(), at, message + element + field + ": " + what);
  }

  private int length(String field) {
    int length = int32(field);
    if (length < 0 || length > bytes.length - offset) {
      offset -= Integer.BYTES;
      throw expected(field, "a length that fits the message");
    }
    return length;
  }

  private String utf8(String field, int length) {
    String text = Utf8.text(bytes, offset, offset + length);
    if (text == null) {
      throw expected(
          field, "UTF-8 text (SQL_ASCII databases and \"char\" columns can hold other bytes)");
    }
    offset += length;
    return text;
  }

  private int take(String field, int length, String what) {
    int at = offset;
    if (length > bytes.length - at) {
      throw expected(field, what);
    }
    offset = at + length;
    return at;
  }
}

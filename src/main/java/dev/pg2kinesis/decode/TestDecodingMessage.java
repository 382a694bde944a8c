package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a logical message of test_decoding: {@code message: transactional: 1 prefix: p, sz: 2
 * content:hi}. Nothing in it is quoted. The content is the rest of the row and {@code sz} its
 * length, so the prefix ends at the first {@code , sz: N content:} that N bytes follow. A prefix
 * that itself contains such text with a matching N is ambiguous; the shortest prefix wins.
 */
final class TestDecodingMessage {

  private static final byte[] START = literal("message: transactional: ");
  private static final byte[] PREFIX = literal(" prefix: ");
  private static final byte[] SIZE = literal(", sz: ");
  private static final byte[] CONTENT = literal(" content:");

  private TestDecodingMessage() {}

  static boolean startsAt(TextCursor cursor) {
    return cursor.startsWith(START);
  }

  /** The commit that a message outside any transaction is, or null if it belongs to one. */
  static @Nullable Commit commitOf(TextCursor cursor, RawRow row) {
    // The row's LSN is the end of the message's WAL record, as a commit's is.
    return transactional(cursor) ? null : new Commit(row.xid(), row.lsn(), null);
  }

  static Message read(TextCursor cursor, Lsn lsn) {
    boolean transactional = transactional(cursor);
    int from = cursor.position();
    int content = content(cursor, from, true);
    if (content < 0) {
      content = content(cursor, from, false);
    }
    if (content < 0) {
      throw cursor.expected("a prefix, ', sz: ', the size of the content and the content");
    }
    cursor.moveTo(from);
    return new Message(
        lsn,
        transactional,
        cursor.text(from, prefixEnd(cursor.bytes(), content)),
        Arrays.copyOfRange(cursor.bytes(), content, cursor.bytes().length));
  }

  private static boolean transactional(TextCursor cursor) {
    cursor.expect(START);
    boolean transactional = cursor.skip('1');
    if (!transactional) {
      cursor.expect('0');
    }
    cursor.expect(PREFIX);
    return transactional;
  }

  /**
   * Where the content starts, or -1.
   *
   * @param exact whether the size must be that of what follows. In a database that is not in UTF-8
   *     the size was taken before the server converted the content, and a content that is not ASCII
   *     may be longer than that.
   */
  private static int content(TextCursor cursor, int from, boolean exact) {
    int end = cursor.bytes().length;
    int lastLonger = exact ? -1 : lastNotAscii(cursor.bytes());
    for (int comma = cursor.find(',', from); comma < end; comma = cursor.find(',', comma + 1)) {
      cursor.moveTo(comma);
      if (!cursor.skip(SIZE) || !TextCursor.isDigit((byte) cursor.peek())) {
        continue;
      }
      long size = digits(cursor);
      if (cursor.skip(CONTENT)
          && (size == cursor.remaining()
              || (!exact && size < cursor.remaining() && lastLonger >= cursor.position()))) {
        return cursor.position();
      }
    }
    cursor.moveTo(from);
    return -1;
  }

  /**
   * Reads digits. A number too large for an int becomes the largest, which no row has as its size.
   */
  private static long digits(TextCursor cursor) {
    long number = 0;
    for (int b = cursor.peek(); b >= '0' && b <= '9'; b = cursor.peek()) {
      number = Math.min(number * 10 + (b - '0'), Integer.MAX_VALUE);
      cursor.moveTo(cursor.position() + 1);
    }
    return number;
  }

  private static int lastNotAscii(byte[] bytes) {
    int last = bytes.length - 1;
    while (last >= 0 && bytes[last] >= 0) {
      last--;
    }
    return last;
  }

  private static int prefixEnd(byte[] bytes, int content) {
    int at = content - CONTENT.length;
    while (bytes[at - 1] != ' ') {
      at--;
    }
    return at - SIZE.length;
  }
}

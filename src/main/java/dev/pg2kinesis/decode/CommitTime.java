package dev.pg2kinesis.decode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * A commit time as {@code timestamptz} is printed with {@code DateStyle=ISO}: {@code 2026-01-31
 * 12:34:56.789+00}, with up to six digits of fraction and an offset of hours, minutes and seconds.
 * PostgreSQL documentation, "Date/Time Output".
 */
final class CommitTime {

  private static final String EXPECTED = "a commit time such as 2026-01-31 12:34:56.789+00";

  private CommitTime() {}

  /** Reads a commit time at the cursor and leaves the cursor after it. */
  static Instant read(TextCursor cursor) {
    int start = cursor.position();
    long year = cursor.number(999_999, EXPECTED);
    long month = next(cursor, '-', 12);
    long day = next(cursor, '-', 31);
    long hour = next(cursor, ' ', 23);
    long minute = next(cursor, ':', 59);
    long second = next(cursor, ':', 59);
    long nanos = cursor.skip('.') ? fraction(cursor) : 0;
    try {
      return LocalDateTime.of(
              (int) year,
              (int) month,
              (int) day,
              (int) hour,
              (int) minute,
              (int) second,
              (int) nanos)
          .toInstant(offset(cursor));
    } catch (DateTimeException e) {
      cursor.moveTo(start);
      throw cursor.expected(EXPECTED);
    }
  }

  private static long next(TextCursor cursor, char separator, int max) {
    cursor.expect(separator);
    return cursor.number(max, EXPECTED);
  }

  private static long fraction(TextCursor cursor) {
    int from = cursor.position();
    long fraction = cursor.number(999_999, EXPECTED);
    int digits = cursor.position() - from;
    if (digits > 6) {
      cursor.moveTo(from);
      throw cursor.expected(EXPECTED);
    }
    long nanos = fraction;
    for (int i = digits; i < 9; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  private static ZoneOffset offset(TextCursor cursor) {
    boolean west = cursor.skip('-');
    if (!west) {
      cursor.expect('+');
    }
    long seconds = 3600 * cursor.number(18, EXPECTED);
    if (cursor.skip(':')) {
      seconds += 60 * cursor.number(59, EXPECTED);
      if (cursor.skip(':')) {
        seconds += cursor.number(59, EXPECTED);
      }
    }
    return ZoneOffset.ofTotalSeconds((int) (west ? -seconds : seconds));
  }
}

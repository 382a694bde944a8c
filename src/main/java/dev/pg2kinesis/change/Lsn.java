package dev.pg2kinesis.change;

/**
 * A position in the write-ahead log: an unsigned 64-bit byte offset, printed as PostgreSQL's {@code
 * pg_lsn} prints it.
 *
 * @param value the byte offset, unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {

  /**
   * Reads {@code pg_lsn} text such as {@code 16/B374D848}.
   *
   * @throws IllegalArgumentException if the text is not one to eight hexadecimal digits, a slash
   *     and one to eight hexadecimal digits
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    return new Lsn(
        half(text, 0, slash) << Integer.SIZE
            | half(text, slash + 1, slash < 0 ? 0 : text.length()));
  }

  private static long half(String text, int from, int to) {
    int digits = to - from;
    if (digits < 1 || digits > 8) {
      throw notAnLsn(text);
    }
    long bits = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw notAnLsn(text);
      }
      bits = bits << 4 | digit;
    }
    return bits;
  }

  private static IllegalArgumentException notAnLsn(String text) {
    return new IllegalArgumentException(
        "expected a WAL position such as 16/B374D848, found "
            + (text.length() <= 40 ? "'" + text + "'" : text.length() + " characters"));
  }

  /** This position moved by a number of bytes, at most to the end of the WAL's address space. */
  public Lsn plus(long bytes) {
    long sum = value + bytes;
    return new Lsn(Long.compareUnsigned(sum, value) < 0 ? -1L : sum);
  }

  /** Bytes from {@code earlier} to this position; 0 if {@code earlier} is not earlier. */
  public long bytesSince(Lsn earlier) {
    return isAfter(earlier) ? value - earlier.value : 0;
  }

  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  public static Lsn min(Lsn a, Lsn b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  public static Lsn max(Lsn a, Lsn b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  /** The byte offset as an unsigned decimal number, as Debezium writes positions. */
  public String toDecimal() {
    return Long.toUnsignedString(value);
  }

  @Override
  public String toString() {
    return (Long.toHexString(value >>> Integer.SIZE) + '/' + Integer.toHexString((int) value))
        .toUpperCase(java.util.Locale.ROOT);
  }
}

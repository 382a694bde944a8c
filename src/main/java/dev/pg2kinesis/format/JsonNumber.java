package dev.pg2kinesis.format;

/**
 * Tells whether a text can stand in JSON as a number, as it is. Read by hand: with a regular
 * expression a {@code debezium} record takes a sixth more time ({@code scripts/bench format}).
 */
final class JsonNumber {

  private JsonNumber() {}

  /**
   * True for what the output functions of PostgreSQL's numeric types print, except {@code NaN} and
   * {@code Infinity}, which JSON has no numbers for.
   */
  static boolean is(String text) {
    int at = skip(text, 0, '-');
    int digits = digits(text, at);
    if (digits == at || (text.charAt(at) == '0' && digits > at + 1)) {
      return false;
    }
    at = digits;
    if (at < text.length() && text.charAt(at) == '.') {
      digits = digits(text, ++at);
      if (digits == at) {
        return false;
      }
      at = digits;
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at++;
      at = skip(text, skip(text, at, '-'), '+');
      digits = digits(text, at);
      if (digits == at) {
        return false;
      }
      at = digits;
    }
    return at == text.length();
  }

  private static int skip(String text, int at, char c) {
    return at < text.length() && text.charAt(at) == c ? at + 1 : at;
  }

  private static int digits(String text, int at) {
    int end = at;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }
}

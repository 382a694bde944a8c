package dev.pg2kinesis.decode;

/**
 * Control characters as Unicode's control pictures, so that one line can show them: ␊ for LF. Where
 * it would not be seen, a space can be written as ␠.
 */
final class ControlPictures {

  private static final char FIRST = '\u2400';

  private ControlPictures() {}

  /** The text with a picture in place of each control character. */
  static String of(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.chars().forEach(c -> shown.append((char) (c < ' ' ? FIRST + c : c)));
    return shown.toString();
  }

  /** The text with a control character in place of each picture. */
  static String read(String shown) {
    StringBuilder text = new StringBuilder(shown.length());
    shown.chars().forEach(c -> text.append((char) (isPicture(c) ? c - FIRST : c)));
    return text.toString();
  }

  private static boolean isPicture(int c) {
    return c >= FIRST && c <= FIRST + ' ';
  }
}

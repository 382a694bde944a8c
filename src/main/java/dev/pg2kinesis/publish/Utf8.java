package dev.pg2kinesis.publish;

/** Measures text without encoding it. */
public final class Utf8 {

  private Utf8() {}

  /** How many bytes the text has in UTF-8. */
  public static int length(String text) {
    int length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x800) {
        // Each half of a surrogate pair stands for two of its four bytes.
        length += Character.isSurrogate(c) ? 1 : 2;
      } else if (c >= 0x80) {
        length++;
      }
    }
    return length;
  }
}

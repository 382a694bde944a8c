package dev.pg2kinesis.change;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text and its bytes in UTF-8, checked. */
public final class Utf8 {

  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /** The text of the bytes, or null if they are not UTF-8. */
  public static @Nullable String text(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  /** The text between two offsets, or null if the bytes there are not UTF-8. */
  public static @Nullable String text(byte[] bytes, int from, int to) {
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    // The constructor replaces what it cannot read by U+FFFD. Only then is a second look needed.
    return text.indexOf(REPLACEMENT) < 0 || isValid(bytes, from, to) ? text : null;
  }

  private static boolean isValid(byte[] bytes, int from, int to) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** The number of bytes that the text takes. */
  public static int length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }
}

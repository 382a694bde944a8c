package dev.pg2kinesis.format;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The text form of {@code bytea} under {@code bytea_output=hex}: {@code \x} and digits. */
final class Bytea {

  private Bytea() {}

  /** The bytes that the text stands for, or null where it is no such text. */
  static byte @Nullable [] bytes(String text) {
    return text.startsWith("\\x") && isHex(text)
        ? HexFormat.of().parseHex(text, 2, text.length())
        : null;
  }

  private static boolean isHex(String text) {
    for (int i = 2; i < text.length(); i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return text.length() % 2 == 0;
  }
}

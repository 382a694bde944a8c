package dev.pg2kinesis.error;

/**
 * Text for people, in logs and error messages. A name may hold whatever it likes; in a log, a line
 * break in it would look like another line, and a change of the direction like another name.
 */
public final class PrintableText {

  private PrintableText() {}

  /** The same text in one line: what cannot be printed is shown by its number in hexadecimal. */
  static String escaped(String text) {
    if (text.codePoints().allMatch(PrintableText::isPrintable)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (isPrintable(c)) {
                escaped.appendCodePoint(c);
              } else {
                escaped.append("\\u{").append(Integer.toHexString(c)).append('}');
              }
            });
    return escaped.toString();
  }

  /** Whether a character has a shape of its own and changes nothing around it. */
  public static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}

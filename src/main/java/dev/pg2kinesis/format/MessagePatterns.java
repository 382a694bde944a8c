package dev.pg2kinesis.format;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Patterns for the prefixes of messages. {@code *} stands for any characters and {@code ?} for one;
 * inside double quotes everything is literal, and {@code ""} is a quote. A pattern matches the
 * whole prefix. A prefix is no identifier, so no letter is folded.
 */
public final class MessagePatterns {

  /** What stands before a pattern for prefixes among patterns for tables. */
  public static final String MARK = "message:";

  /** Matches no message. */
  public static final MessagePatterns NONE = new MessagePatterns(List.of());

  private final List<Pattern> patterns;

  private MessagePatterns(List<Pattern> patterns) {
    this.patterns = patterns;
  }

  /**
   * Reads patterns, one from each text.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static MessagePatterns of(List<String> texts) {
    List<Pattern> patterns = new ArrayList<>();
    for (String text : texts) {
      patterns.add(pattern(text));
    }
    return new MessagePatterns(List.copyOf(patterns));
  }

  /** Whether one of the patterns matches the prefix. */
  public boolean matches(String prefix) {
    for (Pattern pattern : patterns) {
      if (pattern.matcher(prefix).matches()) {
        return true;
      }
    }
    return false;
  }

  private static Pattern pattern(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a pattern for prefixes after " + MARK + ", such as " + MARK + "*");
    }
    StringBuilder regex = new StringBuilder();
    boolean quoted = false;
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      if (c == '"' && quoted && text.startsWith("\"", at)) {
        regex.append('"');
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '*' && !quoted) {
        regex.append(".*");
      } else if (c == '?' && !quoted) {
        regex.append('.');
      } else {
        regex.append(Pattern.quote(Character.toString(c)));
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("expected a closing double quote in '" + text + "'");
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}

package dev.pg2kinesis.format;

import java.util.ArrayList;
import java.util.List;

/** Reads the setting {@code ROUTES}; collects what is wrong with each of its rules. */
final class RoutesReader {

  private final List<String> streams = new ArrayList<>();
  private final List<Routes.Rule> rules = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  RoutesReader(String defaultStream) {
    streams.add(defaultStream);
  }

  Routes read(String setting) {
    String rest = setting;
    while (!rest.isBlank()) {
      int end = indexOf(';', rest, 0);
      String rule = (end < 0 ? rest : rest.substring(0, end)).strip();
      rest = end < 0 ? "" : rest.substring(end + 1);
      try {
        read(rule, rule.startsWith(MessagePatterns.MARK));
      } catch (IllegalArgumentException e) {
        problems.add("rule " + (rules.size() + problems.size() + 1) + ": " + e.getMessage());
      }
    }
    if (streams.size() > Routes.MAX_STREAMS) {
      problems.add(
          "expected at most "
              + Routes.MAX_STREAMS
              + " streams, the default stream included, found "
              + streams.size());
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return new Routes(streams, rules);
  }

  private void read(String rule, boolean message) {
    int from = message ? MessagePatterns.MARK.length() : 0;
    int colon = indexOf(':', rule, from);
    if (colon < 0) {
      throw new IllegalArgumentException(
          "expected 'tables: stream' or 'message:prefix: stream', found '" + rule + "'");
    }
    String pattern = rule.substring(from, colon).strip();
    String stream = rule.substring(colon + 1).strip();
    if (!stream.matches(Routes.STREAM_NAME) && !stream.matches(Routes.STREAM_ARN)) {
      throw new IllegalArgumentException(
          "expected a stream's name (letters, digits, '_', '.' and '-') or ARN, and ';' before the"
              + " next rule, found '"
              + stream
              + "'");
    }
    // The pattern is read first: a rule that is wrong names no stream.
    TablePatterns tables = message ? null : TablePatterns.parse(pattern);
    MessagePatterns prefix = message ? prefix(pattern) : null;
    if (!streams.contains(stream)) {
      streams.add(stream);
    }
    rules.add(new Routes.Rule(tables, prefix, streams.indexOf(stream)));
  }

  private static MessagePatterns prefix(String pattern) {
    for (char c : new char[] {',', ' ', '\t', '\r', '\n'}) {
      if (indexOf(c, pattern, 0) >= 0) {
        throw new IllegalArgumentException(
            "expected one pattern for prefixes, with double quotes around '"
                + c
                + "', found '"
                + pattern
                + "'");
      }
    }
    return MessagePatterns.of(List.of(pattern));
  }

  /** Where a character first stands outside double quotes, or -1. */
  private static int indexOf(char wanted, String text, int from) {
    boolean quoted = false;
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == wanted && !quoted) {
        return at;
      }
    }
    return -1;
  }
}

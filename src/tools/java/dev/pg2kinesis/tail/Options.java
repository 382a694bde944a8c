package dev.pg2kinesis.tail;

import java.util.List;

/** What {@code scripts/tail} was asked for. */
record Options(String stream, boolean fromStart, boolean follow, boolean withKeys, long count) {

  /** Arguments that make no sense; the message says which. */
  static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  static Options parse(List<String> arguments) {
    String stream = "";
    boolean fromStart = false;
    boolean follow = true;
    boolean keys = false;
    long count = Long.MAX_VALUE;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--from-start" -> fromStart = true;
        case "--no-follow" -> follow = false;
        case "--keys" -> keys = true;
        case "--count" -> count = count(i + 1 < arguments.size() ? arguments.get(++i) : "nothing");
        default -> {
          if (argument.startsWith("-") || !stream.isEmpty()) {
            throw new UsageException("unexpected argument " + argument);
          }
          stream = argument;
        }
      }
    }
    if (stream.isEmpty()) {
      throw new UsageException("which stream?");
    }
    return new Options(stream, fromStart, follow, keys, count);
  }

  private static long count(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new UsageException("--count needs a number, found " + text);
    }
  }
}

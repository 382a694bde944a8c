package dev.pg2kinesis.format;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as texts. */
final class UtcTime {

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private UtcTime() {}

  /** ISO 8601 at UTC with microseconds: {@code 2024-02-29T12:30:00.500000Z}. */
  static String micros(Instant time) {
    return MICROS.format(time);
  }
}

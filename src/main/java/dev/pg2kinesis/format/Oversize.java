package dev.pg2kinesis.format;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a change is handled whose record is larger than the stream takes. */
public enum Oversize {
  /** The run stops before it. */
  FAIL,
  /** A record with the key columns and the size goes in its place. */
  MARKER;

  /**
   * The value of the setting {@code OVERSIZE}.
   *
   * @throws IllegalArgumentException if there is none of that name; the message lists the names
   */
  public static Oversize parse(String settingName) {
    for (Oversize oversize : values()) {
      if (oversize.settingName().equals(settingName)) {
        return oversize;
      }
    }
    throw new IllegalArgumentException(
        "expected one of "
            + Arrays.stream(values()).map(Oversize::settingName).collect(Collectors.joining(", ")));
  }

  /** The name in the setting {@code OVERSIZE}. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT);
  }
}

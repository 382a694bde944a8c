package dev.pg2kinesis.format;

import java.util.Locale;

/** How a change is handled whose record is larger than the stream takes. */
public enum Oversize {
  /** The run stops before it. */
  FAIL,
  /** A record with the key columns and the size goes in its place. */
  MARKER;

  /** The name in the setting {@code OVERSIZE}. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT);
  }
}

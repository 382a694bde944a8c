package dev.pg2kinesis.format;

import java.util.Locale;

/** How the events of an outbox are written. */
public enum OutboxFormat {
  /** The payload as it was written, and nothing else. */
  PAYLOAD,
  /** A JSON object with the payload and what identifies the event. */
  EVENT;

  /** The name in the setting {@code OUTBOX_FORMAT}. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT);
  }
}

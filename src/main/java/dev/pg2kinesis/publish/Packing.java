package dev.pg2kinesis.publish;

import java.util.Optional;

/** How changes become Kinesis records. */
public enum Packing {
  /** One change is one record, under the change's partition key. */
  NONE("none"),
  /**
   * Whole changes of one {@linkplain KeyGroup key group}, with a newline between two of them, are
   * one record under the group's key. Meant for formats without newlines of their own.
   */
  LINES("lines"),
  /**
   * Changes of one key group are one aggregate of the Kinesis Producer Library; each keeps its
   * partition key, and all have the group's hash key, so that no consumer finds a change outside
   * its shard.
   */
  KPL("kpl");

  private final String text;

  Packing(String text) {
    this.text = text;
  }

  /** The value of the setting {@code PACKING}. */
  public String text() {
    return text;
  }

  /** The packing of that name, if there is one. */
  public static Optional<Packing> ofText(String text) {
    for (Packing packing : values()) {
      if (packing.text.equals(text)) {
        return Optional.of(packing);
      }
    }
    return Optional.empty();
  }
}

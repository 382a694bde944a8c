package dev.pg2kinesis.publish;

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

  private final String settingName;

  Packing(String settingName) {
    this.settingName = settingName;
  }

  /** The name in the setting {@code PACKING}. */
  public String settingName() {
    return settingName;
  }
}

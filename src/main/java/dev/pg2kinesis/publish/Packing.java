package dev.pg2kinesis.publish;

/** How changes become Kinesis records. */
public enum Packing {
  /** One change is one record, under the change's partition key. */
  NONE("none", 0, 200),
  /**
   * Whole changes of one {@linkplain KeyGroup key group}, with a newline between two of them, are
   * one record under the group's key. Meant for formats without newlines of their own.
   */
  LINES("lines", 16, 40),
  /**
   * Changes of one key group are one aggregate of the Kinesis Producer Library. Each keeps its
   * partition key, and all have the group's hash key, so that no consumer finds a change outside
   * its shard.
   */
  KPL("kpl", 128, 40);

  private final String settingName;
  private final int recordOverhead;
  private final int memoryOverhead;

  Packing(String settingName, int recordOverhead, int memoryOverhead) {
    this.settingName = settingName;
    this.recordOverhead = recordOverhead;
    this.memoryOverhead = memoryOverhead;
  }

  /** The name in the setting {@code PACKING}. */
  public String settingName() {
    return settingName;
  }

  /** The most bytes that packing adds to a change that is alone in its record. */
  public int recordOverhead() {
    return recordOverhead;
  }

  /** The bytes of objects and references around a change while it waits, roughly. */
  int memoryOverhead() {
    return memoryOverhead;
  }

  /**
   * A packer for the changes of one key group.
   *
   * @param buffers of the size that a packed record is filled to
   */
  Packer packer(int group, PackBuffers buffers) {
    return switch (this) {
      case NONE -> new SingleChangePacker(group);
      case LINES -> new LinePacker(group, buffers);
      case KPL -> new KplPacker(group, buffers);
    };
  }
}

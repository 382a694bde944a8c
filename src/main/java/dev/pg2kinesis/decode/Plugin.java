package dev.pg2kinesis.decode;

import java.util.Optional;

/** The logical decoding output plugins that can be read. */
public enum Plugin {
  TEST_DECODING("test_decoding", false),
  WAL2JSON("wal2json", false),
  PGOUTPUT("pgoutput", true);

  private final String slotName;
  private final boolean binary;

  Plugin(String slotName, boolean binary) {
    this.slotName = slotName;
    this.binary = binary;
  }

  /** The name in {@code pg_replication_slots.plugin}. */
  public String slotName() {
    return slotName;
  }

  /** Whether its output must be read with {@code pg_logical_slot_peek_binary_changes}. */
  public boolean binary() {
    return binary;
  }

  /** The plugin of that name, if it is one that can be read. */
  public static Optional<Plugin> ofSlot(String slotName) {
    for (Plugin plugin : values()) {
      if (plugin.slotName.equals(slotName)) {
        return Optional.of(plugin);
      }
    }
    return Optional.empty();
  }
}

package dev.pg2kinesis.decode;

import java.util.List;
import java.util.Optional;

/** The logical decoding output plugins that can be read. */
public enum Plugin {
  TEST_DECODING("test_decoding", false),
  /** wal2json's format version 2, in which each change is a row. */
  WAL2JSON("wal2json", false),
  /**
   * wal2json's format version 1, in which each transaction is a row; for builds without version 2.
   */
  WAL2JSON_V1("wal2json", false),
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

  /** Whether it is wal2json, in either format version. */
  public boolean isWal2Json() {
    return this == WAL2JSON || this == WAL2JSON_V1;
  }

  /**
   * The options that its decoder needs the peek to be called with, name and value by turns.
   *
   * @param serverVersionNum the server's {@code server_version_num}, such as 150019
   * @param publications the publications to read, for pgoutput
   */
  public List<String> options(int serverVersionNum, List<String> publications) {
    return switch (this) {
      // skip-empty-xacts would print a transactional message without its BEGIN and COMMIT.
      case TEST_DECODING ->
          List.of("include-xids", "1", "include-timestamp", "1", "skip-empty-xacts", "0");
      case WAL2JSON -> List.of("format-version", "2", "include-timestamp", "1", "include-pk", "1");
      // Format version 1 by default: builds that have no other do not know the option.
      case WAL2JSON_V1 -> List.of("include-timestamp", "1");
      case PGOUTPUT -> PgOutputDecoder.options(serverVersionNum, publications);
    };
  }

  /** The plugin of that name, if it is one that can be read; wal2json in its newer format. */
  public static Optional<Plugin> ofSlot(String slotName) {
    for (Plugin plugin : values()) {
      if (plugin.slotName.equals(slotName)) {
        return Optional.of(plugin);
      }
    }
    return Optional.empty();
  }
}

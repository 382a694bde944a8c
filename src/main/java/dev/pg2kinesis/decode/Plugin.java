package dev.pg2kinesis.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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

  private static final int PGOUTPUT_MESSAGES_SINCE = 140000;

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
   * The options that its decoder needs the peek to be called with: a list of names, each followed
   * by its value.
   *
   * @param serverVersionNum the server's {@code server_version_num}, such as 150019
   * @param publications for pgoutput, the names of the publications to read as the catalog stores
   *     them, at least one
   * @throws IllegalArgumentException if pgoutput has no publication to read
   */
  public List<String> options(int serverVersionNum, List<String> publications) {
    return switch (this) {
      // skip-empty-xacts would print a transactional message without its BEGIN and COMMIT.
      case TEST_DECODING ->
          List.of("include-xids", "1", "include-timestamp", "1", "skip-empty-xacts", "0");
      case WAL2JSON -> List.of("format-version", "2", "include-timestamp", "1", "include-pk", "1");
      // Format version 1 by default: builds that have no other do not know the option.
      case WAL2JSON_V1 -> List.of("include-timestamp", "1");
      case PGOUTPUT -> pgoutputOptions(serverVersionNum, publications);
    };
  }

  /** PostgreSQL documentation, "Logical Streaming Replication Parameters". */
  private static List<String> pgoutputOptions(int serverVersionNum, List<String> publications) {
    if (publications.isEmpty()) {
      throw new IllegalArgumentException("pgoutput needs the name of at least one publication");
    }
    String names =
        publications.stream()
            .map(name -> '"' + name.replace("\"", "\"\"") + '"')
            .collect(Collectors.joining(","));
    List<String> options =
        new ArrayList<>(List.of("proto_version", "1", "publication_names", names));
    if (serverVersionNum >= PGOUTPUT_MESSAGES_SINCE) {
      options.addAll(List.of("messages", "true"));
    }
    return List.copyOf(options);
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

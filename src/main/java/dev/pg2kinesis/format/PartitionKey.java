package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * Chooses the shard of a record, and with it the records among which order is kept.
 *
 * <p>Tables are written {@code schema.table}, rows {@code schema.table|value|value}, messages
 * {@code message|prefix}; a backslash goes before each backslash and bar, and before each dot of a
 * schema's or table's name, so that no two rows share a key by accident.
 */
public enum PartitionKey {
  /**
   * The table and the row's key. A change that does not show its key goes under its table: rows of
   * tables without a key, truncates, deletes under {@code REPLICA IDENTITY NOTHING}.
   */
  PRIMARY_KEY("primary-key"),
  /** The table. */
  TABLE("table"),
  /** The transaction id. */
  TRANSACTION("transaction"),
  /** The slot's name: one shard, total commit order. */
  CONSTANT("constant");

  /** Counted in UTF-16 units, so that it holds however a character is counted. */
  static final int MAX_CHARACTERS = StreamRecord.MAX_KEY_CHARACTERS;

  private final String settingName;

  PartitionKey(String settingName) {
    this.settingName = settingName;
  }

  /** The name in the setting {@code PARTITION_KEY}. */
  public String settingName() {
    return settingName;
  }

  /**
   * The partition key of a change.
   *
   * @param slot the slot's name
   * @return 1 to 256 characters
   */
  public String of(CommittedChange change, String slot) {
    return of(change, slot, List.of());
  }

  /**
   * The partition key of a change.
   *
   * @param slot the slot's name
   * @param columns the columns that take the place of the row's key; empty for the row's key
   * @return 1 to 256 characters
   */
  String of(CommittedChange change, String slot, List<String> columns) {
    return shortened(
        switch (this) {
          case PRIMARY_KEY -> rowOrTable(change.change(), columns);
          case TABLE -> table(change.change());
          case TRANSACTION -> Long.toString(change.commit().xid());
          case CONSTANT -> slot;
        });
  }

  /**
   * The partition key of a transaction's event, which concerns no table: the transaction id, or the
   * slot's name where everything has that.
   */
  String ofTransaction(Commit commit, String slot) {
    return shortened(this == CONSTANT ? slot : Long.toString(commit.xid()));
  }

  private static String rowOrTable(Change change, List<String> columns) {
    if (!(change instanceof RowChange row)) {
      return table(change);
    }
    List<String> values = RowKey.values(row, columns.isEmpty() ? row.key() : columns);
    if (values == null) {
      return table(row.table());
    }
    StringBuilder key = new StringBuilder(64);
    appendTable(key, row.table());
    for (String value : values) {
      appendEscaped(key.append('|'), value, false);
    }
    return key.toString();
  }

  private static String table(Change change) {
    if (change instanceof Message message) {
      StringBuilder key = new StringBuilder("message|");
      appendEscaped(key, message.prefix(), false);
      return key.toString();
    }
    return table(Objects.requireNonNull(change.table()));
  }

  private static String table(TableName table) {
    StringBuilder key = new StringBuilder(64);
    appendTable(key, table);
    return key.toString();
  }

  private static void appendTable(StringBuilder key, TableName table) {
    appendEscaped(key, table.schema(), true);
    appendEscaped(key.append('.'), table.name(), true);
  }

  private static void appendEscaped(StringBuilder key, String part, boolean dots) {
    int from = 0;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '\\' || c == '|' || (dots && c == '.')) {
        key.append(part, from, i).append('\\');
        from = i;
      }
    }
    key.append(part, from, part.length());
  }

  /** A long key keeps its beginning, as much as fits before a hash of the whole key. */
  static String shortened(String key) {
    if (key.length() <= MAX_CHARACTERS) {
      return key;
    }
    String hash = HexFormat.of().formatHex(sha256(key));
    int cut = MAX_CHARACTERS - hash.length() - 1;
    if (Character.isHighSurrogate(key.charAt(cut - 1))) {
      cut--;
    }
    return key.substring(0, cut) + '#' + hash;
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}

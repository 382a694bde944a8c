package dev.pg2kinesis.change;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One thing that a transaction did, and that counts as one ordinal of it. */
public sealed interface Change {

  /** Where the change stands in the WAL. Neither unique nor monotone; see {@link Commit}. */
  Lsn lsn();

  /** What was done; switch on this. */
  Operation operation();

  /** The table that was changed; null for a message, which has none. */
  @Nullable TableName table();

  /**
   * An inserted, updated or deleted row.
   *
   * @param operation one of {@code INSERT}, {@code UPDATE}, {@code DELETE}
   * @param key the names of the key columns, in key order: those of the index that is the replica
   *     identity, else of the primary key; empty where the table has neither
   * @param before the old values that the WAL holds: null for an insert and for an update that kept
   *     the replica identity; the replica identity's columns, or the whole row under {@code REPLICA
   *     IDENTITY FULL}, otherwise; empty for a delete from a table without a replica identity
   * @param after the new row: null for a delete
   */
  record RowChange(
      Lsn lsn,
      Operation operation,
      TableName table,
      List<String> key,
      @Nullable Row before,
      @Nullable Row after)
      implements Change {

    public RowChange {
      boolean fits =
          switch (operation) {
            case INSERT -> before == null && after != null;
            case UPDATE -> after != null;
            case DELETE -> before != null && after == null;
            case TRUNCATE, MESSAGE -> false;
          };
      if (!fits) {
        throw new IllegalArgumentException(operation + " with the wrong row versions");
      }
    }
  }

  /**
   * A truncated table. {@code TRUNCATE a, b} is two of these.
   *
   * @param cascade whether the statement said CASCADE
   * @param restartIdentity whether the statement said RESTART IDENTITY
   */
  record Truncate(Lsn lsn, TableName table, boolean cascade, boolean restartIdentity)
      implements Change {
    @Override
    public Operation operation() {
      return Operation.TRUNCATE;
    }
  }

  /**
   * A logical message, written by {@code pg_logical_emit_message}.
   *
   * @param transactional whether it belongs to its transaction or stands alone
   * @param content the bytes as written; not copied, not to be changed
   */
  record Message(Lsn lsn, boolean transactional, String prefix, byte[] content) implements Change {
    @Override
    public Operation operation() {
      return Operation.MESSAGE;
    }

    @Override
    public @Nullable TableName table() {
      return null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Message that
          && lsn.equals(that.lsn)
          && transactional == that.transactional
          && prefix.equals(that.prefix)
          && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
      return Objects.hash(lsn, transactional, prefix, Arrays.hashCode(content));
    }

    @Override
    public String toString() {
      return "Message[lsn=" + lsn + ", prefix=" + prefix + ", " + content.length + " bytes]";
    }
  }
}

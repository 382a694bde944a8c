package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;

/**
 * A change with its place in history, or a row that a snapshot read, as an insert at its place.
 *
 * @param commit the end of its transaction
 * @param ordinal its index among the transaction's changes, from 0; {@link #READ_ORDINAL} for a row
 *     that was read
 * @param tableOrdinal its index among the transaction's changes of the same table, from 0; messages
 *     count as one table
 * @param change the change
 */
public record CommittedChange(Commit commit, long ordinal, long tableOrdinal, Change change) {

  /** The ordinal of a row that was read: it precedes the changes of the commit that it names. */
  public static final long READ_ORDINAL = -1;

  /**
   * A row that a snapshot read.
   *
   * @param place the commit LSN that the row's identity names, and the time of the snapshot's start
   */
  static CommittedChange read(Commit place, RowChange row) {
    return new CommittedChange(place, READ_ORDINAL, READ_ORDINAL, row);
  }

  /** Whether this is a row that a snapshot read. */
  public boolean isRead() {
    return ordinal == READ_ORDINAL;
  }

  /** The letter that Debezium has for what was done. */
  String debeziumOperation() {
    if (isRead()) {
      return "r";
    }
    return switch (change.operation()) {
      case INSERT -> "c";
      case UPDATE -> "u";
      case DELETE -> "d";
      case TRUNCATE -> "t";
      case MESSAGE -> "m";
    };
  }
}

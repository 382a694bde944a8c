package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.error.CodedException;

/** A change whose record is larger than the stream takes. */
public final class OversizeException extends CodedException {

  private static final long serialVersionUID = 1L;

  /**
   * @param change the change
   * @param bytes the size of its record, partition key included
   * @param stream the stream, in words
   * @param limit the most bytes the stream takes
   */
  OversizeException(CommittedChange change, long bytes, String stream, long limit) {
    super(
        "RECORD_TOO_LARGE",
        "the "
            + (change.isRead() ? "row that a snapshot read" : change.change().operation())
            + where(change.change())
            + (change.isRead() ? "" : ordinal(change))
            + " makes a record of "
            + bytes
            + " bytes, and "
            + stream
            + " takes "
            + limit
            + ". Raise the stream's MaxRecordSizeInKiB, set OVERSIZE=marker to publish its key"
            + " alone, or leave its table out with EXCLUDE_TABLES"
            + (change.isRead() ? "." : skip(change)),
        null);
  }

  /**
   * @param end the end of a transaction that changed very many tables
   * @param bytes the size of its event, partition key included
   * @param limit the most bytes the stream takes
   */
  OversizeException(Commit end, long bytes, long limit) {
    super(
        "RECORD_TOO_LARGE",
        "the END event of the transaction that commits at "
            + end.lsn()
            + " makes a record of "
            + bytes
            + " bytes, and the stream takes "
            + limit
            + ". Raise the stream's MaxRecordSizeInKiB, set OVERSIZE=marker to publish the event"
            + " without its counts per table, or unset TRANSACTION_EVENTS. Everything before the"
            + " event was published; the slot has not moved past its transaction.",
        null);
  }

  private static String ordinal(CommittedChange change) {
    return " with ordinal "
        + change.ordinal()
        + " in the transaction that commits at "
        + change.commit().lsn();
  }

  private static String skip(CommittedChange change) {
    return ", or give the transaction up with {\"action\":\"skip\",\"to\":\""
        + change.commit().lsn()
        + "\"}. Everything before it was published; the slot has not moved past it.";
  }

  private static String where(Change change) {
    return switch (change.operation()) {
      case INSERT, UPDATE, DELETE -> " in " + change.table();
      case TRUNCATE -> " of " + change.table();
      case MESSAGE -> "";
    };
  }
}

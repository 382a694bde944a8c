package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.error.CodedException;
import java.util.List;

/** A change of an outbox table that makes no event. */
public final class OutboxException extends CodedException {

  private static final long serialVersionUID = 1L;

  private OutboxException(String code, String explanation) {
    super(code, explanation, null);
  }

  /** An update, which would change an event that may have been read. */
  static OutboxException updated(CommittedChange change, TableName table) {
    return new OutboxException(
        "OUTBOX_UPDATED",
        "a row of the outbox table "
            + table
            + " was updated, at ordinal "
            + change.ordinal()
            + " in the transaction that commits at "
            + change.commit().lsn()
            + ". An event cannot change once it is written: insert another row instead. To go on,"
            + " give the transaction up with {\"action\":\"skip\",\"to\":\""
            + change.commit().lsn()
            + "\"}, or leave updates of all tables out with OPERATIONS. Nothing of the update was"
            + " published; the slot has not moved past it.");
  }

  /** A row without some of the columns of an event. */
  static OutboxException columnsMissing(
      CommittedChange change, TableName table, List<String> missing) {
    return new OutboxException(
        "OUTBOX_COLUMNS_MISSING",
        "the table "
            + table
            + ", which OUTBOX names, has no column "
            + String.join(", ", missing)
            + (change.isRead()
                ? " in the row that a snapshot read"
                : " in the transaction that commits at " + change.commit().lsn())
            + ". An outbox has the columns "
            + String.join(", ", OutboxRow.COLUMNS)
            + ", and neither the publication's column list nor a setting may leave them out. Correct"
            + " OUTBOX, or add the columns and give the rows without them up with skip. Nothing of"
            + " the row was published.");
  }
}

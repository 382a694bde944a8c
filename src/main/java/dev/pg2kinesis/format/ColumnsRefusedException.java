package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.error.CodedException;
import java.util.List;

/** A change of a table that the settings for columns do not fit. */
public final class ColumnsRefusedException extends CodedException {

  private static final long serialVersionUID = 1L;

  private static final String NOTHING_LOST =
      " Everything before the change was published; the slot has not moved past it.";

  /** Stable names of the failures. */
  public enum Code {
    /** A setting for columns does not fit the table. */
    COLUMNS_REFUSED,
    /** A change does not show what the values of the partition key were. */
    OLD_KEY_UNKNOWN
  }

  private ColumnsRefusedException(Code code, String explanation) {
    super(code.name(), explanation + NOTHING_LOST, null);
  }

  static ColumnsRefusedException settings(TableName table, List<String> problems) {
    return new ColumnsRefusedException(
        Code.COLUMNS_REFUSED,
        "the settings do not fit the table "
            + table
            + ": "
            + String.join("; ", problems)
            + ". Correct them.");
  }

  static ColumnsRefusedException oldKeyUnknown(
      TableName table, Operation operation, String column) {
    return new ColumnsRefusedException(
        Code.OLD_KEY_UNKNOWN,
        "KEY_COLUMNS names "
            + column
            + " of "
            + table
            + ", and its old value is not in the WAL of an "
            + operation
            + ", since the replica identity lacks the column. Give the table REPLICA IDENTITY FULL or"
            + " USING an INDEX that has the column, for changes to come, and leave the table out of"
            + " KEY_COLUMNS until the slot has passed the changes before.");
  }
}

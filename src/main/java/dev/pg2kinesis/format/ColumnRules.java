package dev.pg2kinesis.format;

/**
 * What the settings say of columns.
 *
 * @param excluded columns that are left out
 * @param masks what is done to values
 * @param partition columns that make the partition key
 */
public record ColumnRules(ColumnPatterns excluded, ColumnMasks masks, PartitionColumns partition) {

  /** Publishes every column as it is. */
  public static final ColumnRules NONE =
      new ColumnRules(ColumnPatterns.NONE, ColumnMasks.NONE, PartitionColumns.NONE);

  /** The same for an outbox, whose rows have the key of their aggregate. */
  ColumnRules withoutPartition() {
    return new ColumnRules(excluded, masks, PartitionColumns.NONE);
  }
}

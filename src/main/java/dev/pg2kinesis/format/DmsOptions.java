package dev.pg2kinesis.format;

import java.util.Locale;
import java.util.Set;

/**
 * Options of the format {@code dms}.
 *
 * @param partitionKey what decides the partition key, which each record names
 * @param partition the tables whose key is made of other columns than the row's key
 * @param included parts that DMS leaves out unless its endpoint's settings ask for them
 */
public record DmsOptions(
    PartitionKey partitionKey, PartitionColumns partition, Set<Inclusion> included) {

  /** The defaults. */
  public static final DmsOptions DEFAULT = new DmsOptions(PartitionKey.PRIMARY_KEY, Set.of());

  /** Options of a source all of whose tables have the key that the setting says. */
  public DmsOptions(PartitionKey partitionKey, Set<Inclusion> included) {
    this(partitionKey, PartitionColumns.NONE, included);
  }

  /** A part of a record that is left out by default. */
  public enum Inclusion {
    /** An update's old row, as far as the WAL holds it: {@code BeforeImageSettings}. */
    BEFORE_IMAGE,
    /** NULLs, which are left out otherwise: {@code IncludeNullAndEmpty}. */
    NULLS;

    /** The name in the setting {@code DMS_INCLUDE}. */
    public String settingName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  boolean include(Inclusion part) {
    return included.contains(part);
  }
}

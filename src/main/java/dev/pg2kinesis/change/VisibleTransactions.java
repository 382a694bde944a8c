package dev.pg2kinesis.change;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which transactions a database snapshot shows: PostgreSQL's {@code pg_snapshot}. Transaction ids
 * are the top-level ones, as in the output of the plugins. PostgreSQL documentation, "Transaction
 * ID and Snapshot Information Functions".
 *
 * <p>The plugins print ids of 32 bits and the snapshot holds ids of 64 bits. Ids are compared
 * modulo 2^32, as the server does: of two ids the earlier one is less than 2^31 behind.
 *
 * @param xmax the first id that was not assigned yet, or not known to be finished; its lower 32
 *     bits
 * @param inProgress ids below {@code xmax} whose transactions were in progress; their lower 32 bits
 */
public record VisibleTransactions(int xmax, Set<Integer> inProgress) {

  /** Ids below this are special and precede all others: {@code FirstNormalTransactionId}. */
  private static final int FIRST_NORMAL = 3;

  public VisibleTransactions {
    inProgress = Set.copyOf(inProgress);
  }

  /**
   * Reads the text form {@code xmin:xmax:xip_list}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static VisibleTransactions parse(String snapshot) {
    String[] parts = snapshot.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("expected a snapshot such as 10:20:10,14");
    }
    return new VisibleTransactions(
        lower(parts[1]),
        Stream.of(parts[2].split(","))
            .filter(xid -> !xid.isEmpty())
            .map(VisibleTransactions::lower)
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static int lower(String xid) {
    return (int) Long.parseUnsignedLong(xid);
  }

  /**
   * Whether the snapshot shows what a transaction did, provided that it committed.
   *
   * @param xid the transaction's id; the lower 32 bits decide. Zero, for what belongs to none, is
   *     always included
   */
  public boolean includes(long xid) {
    int lower = (int) xid;
    if (lower >= 0 && lower < FIRST_NORMAL) {
      return true;
    }
    return lower - xmax < 0 && !inProgress.contains(lower);
  }
}

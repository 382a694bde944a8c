package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Commit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ends of transactions in the rows of a plugin, so that a transaction's commit is known
 * before its first change is decoded. Looks at one row at a time, keeps no state, and may be called
 * from any thread.
 */
@FunctionalInterface
public interface CommitReader {

  /**
   * The end of a transaction, if {@code row} is one. All rows since the previous end belong to that
   * transaction.
   *
   * @return the commit, or null if the row ends no transaction
   * @throws DecodeException if the row claims to be an end but cannot be read as one
   */
  @Nullable Commit commitOf(RawRow row);
}

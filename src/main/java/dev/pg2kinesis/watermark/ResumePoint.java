package dev.pg2kinesis.watermark;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;

/**
 * How much of an unfinished transaction is already on the stream.
 *
 * @param commit the end LSN of its commit
 * @param xid its transaction id
 * @param changes changes with an ordinal below this are acknowledged
 */
public record ResumePoint(Lsn commit, long xid, long changes) {

  /** Whether this is inside the transaction. */
  public boolean isIn(Commit transaction) {
    return commit.equals(transaction.lsn()) && xid == transaction.xid();
  }
}

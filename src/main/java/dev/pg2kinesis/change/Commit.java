package dev.pg2kinesis.change;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The end of a transaction, and the first half of the identity of each of its changes; the second
 * half is the change's ordinal, its index from 0 among the transaction's row changes, truncates and
 * messages.
 *
 * @param xid the transaction id, unsigned 32 bits
 * @param lsn the <em>end</em> of the commit record: the position to advance the slot to once the
 *     transaction is published. Unique and rising. A message outside any transaction is a separate
 *     transaction. It ends where its WAL record ends, which is its row's LSN; the next record,
 *     perhaps a commit, may start right there.
 * @param time the commit time with microseconds, or null for a message outside any transaction
 */
public record Commit(long xid, Lsn lsn, @Nullable Instant time) {}

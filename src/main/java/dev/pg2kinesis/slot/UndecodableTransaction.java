package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that the server cannot decode.
 *
 * @param before every transaction that commits before it is complete in a peek up to this position,
 *     and it is not in that peek
 * @param commit the end LSN of its commit
 * @param xid its transaction ID; null if not known
 * @param table the table of the change that fails, as the server spells it; null if not known
 */
public record UndecodableTransaction(
    Lsn before, Lsn commit, @Nullable Long xid, @Nullable String table) {}

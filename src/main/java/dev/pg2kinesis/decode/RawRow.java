package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Lsn;

/**
 * One row as {@code pg_logical_slot_peek_changes} or {@code pg_logical_slot_peek_binary_changes}
 * returns it.
 *
 * @param lsn the {@code lsn} column
 * @param xid the {@code xid} column, unsigned 32 bits
 * @param bytes the {@code data} column: the output plugin's bytes, or its text in UTF-8; not
 *     copied, not to be changed
 */
public record RawRow(Lsn lsn, long xid, byte[] bytes) {}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Lsn;

/**
 * One change as it goes to the stream, before packing.
 *
 * @param partitionKey 1 to 256 Unicode characters
 * @param payload the formatted change; not copied, not to be changed
 * @param commitLsn the end LSN of its transaction
 * @param ordinal its ordinal in the transaction, from 0
 */
public record StreamRecord(String partitionKey, byte[] payload, Lsn commitLsn, long ordinal) {}

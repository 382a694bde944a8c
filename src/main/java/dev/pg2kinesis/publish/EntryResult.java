package dev.pg2kinesis.publish;

import org.jspecify.annotations.Nullable;

/**
 * What became of an entry of a request.
 *
 * @param shardId the shard that accepted it; null if it was refused
 * @param errorCode why it was refused; null if it was accepted
 */
public record EntryResult(@Nullable String shardId, @Nullable String errorCode) {}

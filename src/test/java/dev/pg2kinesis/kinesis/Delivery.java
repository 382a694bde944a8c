package dev.pg2kinesis.kinesis;

import java.math.BigInteger;

/**
 * A record that a stream took.
 *
 * @param shardId the shard it went into
 * @param shardFrom the first hash key of that shard
 * @param shardTo the last hash key of that shard
 * @param sequenceNumber grows within a stream
 * @param partitionKey as put
 * @param data as put
 * @param arrivedMillis when, since the epoch
 */
public record Delivery(
    String shardId,
    BigInteger shardFrom,
    BigInteger shardTo,
    String sequenceNumber,
    String partitionKey,
    byte[] data,
    long arrivedMillis) {}

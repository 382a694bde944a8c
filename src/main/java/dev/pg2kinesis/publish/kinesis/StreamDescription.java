package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.Limits;

/**
 * What {@code DescribeStreamSummary} says of a stream.
 *
 * @param name its name
 * @param status {@code ACTIVE}, {@code UPDATING} or, where it may not be asked, {@code UNKNOWN}
 * @param mode {@code PROVISIONED}, {@code ON_DEMAND} or {@code UNKNOWN}
 * @param openShards shards that take records, 0 if unknown
 * @param maxRecordBytes the largest record, partition key included
 * @param encryption {@code NONE}, {@code KMS} or {@code UNKNOWN}
 */
public record StreamDescription(
    String name,
    String status,
    String mode,
    int openShards,
    int maxRecordBytes,
    String encryption) {

  static final String UNKNOWN = "UNKNOWN";

  /** For a stream that may be written to but not described. */
  static StreamDescription unknown(StreamAddress address) {
    return new StreamDescription(
        address.name(), UNKNOWN, UNKNOWN, 0, Limits.DEFAULT_RECORD_BYTES, UNKNOWN);
  }
}

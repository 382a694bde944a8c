package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.KinesisQuota;
import org.jspecify.annotations.Nullable;

/**
 * A stream as {@code DescribeStreamSummary} describes it.
 *
 * @param name its name
 * @param status {@code ACTIVE}, {@code UPDATING}, or {@code UNKNOWN} if the role may not describe
 *     the stream
 * @param mode {@code PROVISIONED}, {@code ON_DEMAND} or {@code UNKNOWN}
 * @param openShards shards that take records, 0 if unknown
 * @param maxRecordBytes the largest record, partition key included
 * @param encryption {@code NONE}, {@code KMS} or {@code UNKNOWN}
 * @param arn its ARN; null if that is unknown
 */
public record StreamDescription(
    String name,
    String status,
    String mode,
    int openShards,
    int maxRecordBytes,
    String encryption,
    @Nullable String arn) {

  static final String UNKNOWN = "UNKNOWN";

  /** Assumptions about a stream that the role may write to but not describe. */
  static StreamDescription unknown(StreamAddress address) {
    return new StreamDescription(
        address.name(),
        UNKNOWN,
        UNKNOWN,
        0,
        KinesisQuota.DEFAULT_RECORD_BYTES,
        UNKNOWN,
        address.isArn() ? address.text() : null);
  }
}

package dev.pg2kinesis.publish;

/**
 * The quotas of Kinesis. Source, unless said otherwise: Amazon Kinesis Data Streams API Reference,
 * "PutRecords", and Developer Guide, "Quotas and limits".
 */
public final class KinesisQuota {

  /** "Each PutRecords request can support up to 500 records." */
  public static final int REQUEST_RECORDS = 500;

  /**
   * The bytes, partition keys included, that a request is filled to; a larger record goes alone.
   * The quota is 10 MiB. Larger requests take several times their size in buffers and are not
   * faster, since several requests are on their way at once.
   */
  static final int REQUEST_BYTES = 1 << 20;

  /** "Each shard can support up to 1,000 records per second" for writes. */
  static final int SHARD_RECORDS_PER_SECOND = 1_000;

  /** And up to 1 MB, partition keys included: counted in units of 1,024 * 1,024 bytes. */
  static final int SHARD_BYTES_PER_SECOND = 1 << 20;

  /** The largest record, partition key included, of a stream that does not say otherwise. */
  public static final int DEFAULT_RECORD_BYTES = 1 << 20;

  private KinesisQuota() {}
}

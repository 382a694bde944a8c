package dev.pg2kinesis.publish;

/**
 * What Kinesis takes. Source, unless said otherwise: Amazon Kinesis Data Streams API Reference,
 * "PutRecords" and "PutRecordsRequestEntry", and Developer Guide, "Quotas and limits".
 */
public final class Limits {

  /** "Each PutRecords request can support up to 500 records." */
  public static final int REQUEST_RECORDS = 500;

  /**
   * The bytes, partition keys included, that a request is filled to; a larger record goes alone.
   * The quota is 10 MiB (5 MiB before larger records came). Larger requests take several times
   * their size in buffers and are not faster: several are on their way at once.
   */
  static final int REQUEST_BYTES = 1 << 20;

  /** The size of a record, partition key included, while the stream does not say otherwise. */
  public static final int DEFAULT_RECORD_BYTES = 1 << 20;

  /** Unicode characters of a partition key; at least one. */
  public static final int KEY_CHARACTERS = 256;

  private Limits() {}
}

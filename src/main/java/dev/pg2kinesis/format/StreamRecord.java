package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Utf8;

/** One change as it goes to the stream, before packing. */
public final class StreamRecord {

  /** The longest partition key ("PutRecordsRequestEntry", Amazon Kinesis API Reference). */
  static final int MAX_KEY_CHARACTERS = 256;

  private final String partitionKey;
  private final byte[] payload;
  private final Lsn commitLsn;
  private final long ordinal;
  private final int stream;
  private final int size;

  /** A record for the default stream. */
  public StreamRecord(String partitionKey, byte[] payload, Lsn commitLsn, long ordinal) {
    this(partitionKey, payload, commitLsn, ordinal, 0);
  }

  /**
   * Checks the length of the key.
   *
   * @param partitionKey 1 to {@value #MAX_KEY_CHARACTERS} Unicode characters
   * @param payload the formatted change; not copied, not to be changed
   * @param commitLsn the end LSN of its transaction
   * @param ordinal its ordinal in the transaction, from 0
   * @param stream the number of the stream that it goes to, as {@link Routes} counts them
   */
  public StreamRecord(
      String partitionKey, byte[] payload, Lsn commitLsn, long ordinal, int stream) {
    this(partitionKey, Utf8.length(partitionKey), payload, commitLsn, ordinal, stream);
  }

  /**
   * The same where the key has been measured.
   *
   * @param keyBytes what {@link Utf8#length} says of the key
   */
  StreamRecord(
      String partitionKey, int keyBytes, byte[] payload, Lsn commitLsn, long ordinal, int stream) {
    int units = partitionKey.length();
    // A character is one or two units of UTF-16.
    int characters = units <= MAX_KEY_CHARACTERS ? units : partitionKey.codePointCount(0, units);
    if (characters < 1 || characters > MAX_KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "expected a partition key of 1 to "
              + MAX_KEY_CHARACTERS
              + " characters, found "
              + characters);
    }
    this.partitionKey = partitionKey;
    this.payload = payload;
    this.commitLsn = commitLsn;
    this.ordinal = ordinal;
    this.stream = stream;
    this.size = payload.length + keyBytes;
  }

  public String partitionKey() {
    return partitionKey;
  }

  public byte[] payload() {
    return payload;
  }

  public Lsn commitLsn() {
    return commitLsn;
  }

  public long ordinal() {
    return ordinal;
  }

  public int stream() {
    return stream;
  }

  /** The bytes that Kinesis counts: the payload and the partition key in UTF-8. */
  public int size() {
    return size;
  }
}

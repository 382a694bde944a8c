package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Utf8;

/**
 * One change as it goes to the stream, before packing.
 *
 * @param partitionKey 1 to {@value #MAX_KEY_CHARACTERS} Unicode characters
 * @param payload the formatted change; not copied, not to be changed
 * @param commitLsn the end LSN of its transaction
 * @param ordinal its ordinal in the transaction, from 0
 * @param stream the number of the stream that it goes to, as {@link Routes} counts them
 */
public record StreamRecord(
    String partitionKey, byte[] payload, Lsn commitLsn, long ordinal, int stream) {

  /** The longest partition key ("PutRecordsRequestEntry", Amazon Kinesis API Reference). */
  static final int MAX_KEY_CHARACTERS = 256;

  /** Checks the length of the key. */
  public StreamRecord {
    int characters = partitionKey.codePointCount(0, partitionKey.length());
    if (characters < 1 || characters > MAX_KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "expected a partition key of 1 to "
              + MAX_KEY_CHARACTERS
              + " characters, found "
              + characters);
    }
  }

  /** A record for the default stream. */
  public StreamRecord(String partitionKey, byte[] payload, Lsn commitLsn, long ordinal) {
    this(partitionKey, payload, commitLsn, ordinal, 0);
  }

  /** The bytes that Kinesis counts: the payload and the partition key in UTF-8. */
  public int size() {
    return payload.length + Utf8.length(partitionKey);
  }
}

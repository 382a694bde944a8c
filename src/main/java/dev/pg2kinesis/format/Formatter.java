package dev.pg2kinesis.format;

import org.jspecify.annotations.Nullable;

/** Writes changes in one output format. Pure: the same change gives the same bytes. */
public interface Formatter {

  /**
   * Writes one change, or what identifies it: the same shape with the key columns alone and {@code
   * oversize}, the size that the record would have had.
   *
   * @param oversize that size in bytes, partition key included, if the change is too large for the
   *     stream; null to write all of the change
   * @param payload receives the bytes; may stop keeping them beyond its limit
   * @return false where the format has no such form and nothing was written
   */
  boolean format(CommittedChange change, @Nullable Long oversize, Payload payload);

  /** Writes all of a change. */
  default boolean format(CommittedChange change, Payload payload) {
    return format(change, null, payload);
  }

  /**
   * Whether an update that changes the key is given to this format as a delete of the old key and
   * an insert of the new one, so that each key's history is complete in itself.
   */
  boolean splitsKeyChanges();
}

package dev.pg2kinesis.format;

/** Writes changes in one output format. Pure: the same change gives the same bytes. */
public interface Formatter {

  /**
   * Writes one change.
   *
   * @param payload receives the bytes; may stop keeping them beyond its limit
   * @return false where the format has no form for such a change and nothing was written
   */
  boolean format(CommittedChange change, Payload payload);

  /**
   * Writes, in place of a change that is too large for the stream, what identifies it: the same
   * shape with the key columns alone and {@code oversize}, the size that the record would have had.
   *
   * @param bytes that size, partition key included
   * @return false where the format has no smaller form and nothing was written
   */
  boolean formatOversize(CommittedChange change, long bytes, Payload payload);

  /**
   * Whether an update that changes the key is given to this format as a delete of the old key and
   * an insert of the new one, so that each key's history is complete in itself.
   */
  boolean splitsKeyChanges();
}

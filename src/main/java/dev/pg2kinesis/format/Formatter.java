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
   * Whether an update that changes the key is given to this format as a delete of the old key and
   * an insert of the new one, so that each key's history is complete in itself.
   */
  boolean splitsKeyChanges();
}

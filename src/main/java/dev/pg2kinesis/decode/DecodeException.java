package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.error.CodedException;

/**
 * Input that does not follow its plugin's grammar. Says where and what was expected, and never what
 * was found there, since that may be a row's value.
 */
public final class DecodeException extends CodedException {

  private static final long serialVersionUID = 1L;

  /**
   * @param plugin the output plugin
   * @param lsn the row's LSN
   * @param offset byte offset in the row
   * @param expected what should have stood there
   */
  public DecodeException(Plugin plugin, Lsn lsn, int offset, String expected) {
    super(
        "DECODE_FAILED",
        "the "
            + plugin.slotName()
            + " row at "
            + lsn
            + " cannot be read: expected "
            + expected
            + " at byte "
            + offset
            + ". Nothing was skipped; the slot has not moved past it.",
        null);
  }
}

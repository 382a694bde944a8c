package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.slot.UndecodableTransaction;

/**
 * A transaction that the server cannot decode. A run publishes what comes before it and ends there.
 *
 * @param before where the run ends
 * @param failure what is thrown there
 */
record Obstacle(Lsn before, UndecodableException failure) {

  /**
   * Finds the transaction that a window failed at.
   *
   * @param upTo the bound of the window's peek
   * @throws UndecodableException without its transaction if it is not found in time
   */
  static Obstacle find(Slot slot, UndecodableException failure, Lsn upTo, Deadline deadline) {
    UndecodableTransaction found;
    try {
      found = slot.findUndecodable(failure, upTo, deadline.left());
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.PEEK_TIMEOUT) {
        throw e;
      }
      failure.addSuppressed(e);
      throw failure;
    }
    if (found == null) {
      throw failure.withoutTransaction();
    }
    return new Obstacle(found.before(), failure.in(found));
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.DecodeException;
import dev.pg2kinesis.error.CodedException;

/** A transaction that stops every run until it can be decoded, or is skipped. */
final class UnreadableTransactionException extends CodedException {

  private static final long serialVersionUID = 1L;

  UnreadableTransactionException(Commit commit, DecodeException cause) {
    super(
        cause.codeName(),
        cause.explanation()
            + " It is in the transaction with commit LSN "
            + commit.lsn()
            + "; {\"action\":\"skip\",\"to\":\""
            + commit.lsn()
            + "\"} skips that transaction and continues.",
        cause);
  }
}

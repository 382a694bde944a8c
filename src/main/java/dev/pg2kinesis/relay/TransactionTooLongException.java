package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.error.CodedException;

/** No run is long enough for this transaction. */
final class TransactionTooLongException extends CodedException {

  private static final long serialVersionUID = 1L;

  TransactionTooLongException(Commit commit, long records) {
    super(
        "TRANSACTION_TOO_LONG",
        "the transaction with commit LSN "
            + commit.lsn()
            + " did not fit into one run; "
            + records
            + " of its records were sent and will be sent again. Give the function more time, or"
            + " set WATERMARK_PARAMETER so that the next run continues where this one stopped.",
        null);
  }
}

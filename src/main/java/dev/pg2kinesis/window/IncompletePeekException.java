package dev.pg2kinesis.window;

import dev.pg2kinesis.error.CodedException;

/** A peek ended inside a transaction. Advancing over what it returned would lose changes. */
final class IncompletePeekException extends CodedException {

  private static final long serialVersionUID = 1L;

  IncompletePeekException() {
    super(
        "DATABASE_FAILED",
        "the peek ended inside a transaction, which was not published. Nothing is lost: the slot"
            + " keeps its place.",
        null);
  }
}

package dev.pg2kinesis.window;

import dev.pg2kinesis.error.CodedException;
import java.io.IOException;

/** The function's ephemeral storage is full or cannot be written. */
public final class SpillException extends CodedException {

  /** The stable name of the failure. */
  public static final String CODE = "SPILL_FAILED";

  private static final long serialVersionUID = 1L;

  SpillException(long bytesInFile, IOException cause) {
    super(
        CODE,
        "changes that wait for publishing do not fit the ephemeral storage ("
            + bytesInFile
            + " bytes are there). Give the function more ephemeral storage, or raise"
            + " SPILL_THRESHOLD_MB if it has memory to spare. Nothing is lost: the slot keeps its"
            + " place.",
        cause);
  }
}

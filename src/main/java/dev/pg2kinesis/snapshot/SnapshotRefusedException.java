package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.error.CodedException;

/** A snapshot that cannot be started as it was asked for. */
public final class SnapshotRefusedException extends CodedException {

  private static final long serialVersionUID = 1L;

  public SnapshotRefusedException(String explanation) {
    super("SNAPSHOT_REFUSED", explanation, null);
  }
}

package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;

/** {@link Packing#NONE}: every change is a record at once. */
final class SingleChangePacker implements Packer {

  /** Keeps nothing, so one serves all groups. */
  static final SingleChangePacker INSTANCE = new SingleChangePacker();

  private SingleChangePacker() {}

  @Override
  public Entry add(StreamRecord change, long index, long pendingBytes) {
    return Entry.single(change, index, pendingBytes);
  }

  @Override
  public boolean isEmpty() {
    return true;
  }

  @Override
  public Entry seal() {
    throw new IllegalStateException("no change waits in this packer");
  }
}

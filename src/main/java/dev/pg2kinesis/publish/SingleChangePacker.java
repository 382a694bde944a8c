package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;

/** {@link Packing#NONE}: every change is a record at once. */
final class SingleChangePacker implements Packer {

  private final int group;

  SingleChangePacker(int group) {
    this.group = group;
  }

  @Override
  public Entry add(StreamRecord change, long index, long pendingBytes) {
    return Entry.single(group, change, index, pendingBytes);
  }

  @Override
  public int group() {
    return group;
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

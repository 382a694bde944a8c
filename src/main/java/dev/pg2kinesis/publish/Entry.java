package dev.pg2kinesis.publish;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A Kinesis record on its way, and the changes in it. */
public final class Entry {

  private static final long[] NONE = {};

  public final String partitionKey;

  /** Overrides the partition key's hash; null where the key's own counts. */
  public final @Nullable String hashKey;

  public final byte[] bytes;

  /** Whose order it keeps: the partition key, or the group of a packed record. */
  final String orderKey;

  /** What Kinesis counts: the bytes and the partition key. */
  final int size;

  /** Memory that its acknowledgement frees. */
  final long held;

  private final long first;
  private final long[] others;

  /** Strict order only: the next record of the same key, kept back until this is acknowledged. */
  @Nullable Entry nextOfKey;

  private boolean sent;

  private Entry(
      String partitionKey,
      @Nullable String hashKey,
      byte[] bytes,
      int size,
      long held,
      long first,
      long[] others) {
    this.partitionKey = partitionKey;
    this.hashKey = hashKey;
    this.bytes = bytes;
    this.orderKey = partitionKey;
    this.size = size;
    this.held = held;
    this.first = first;
    this.others = others;
  }

  /** One change. */
  static Entry single(String partitionKey, byte[] bytes, int size, long held, long index) {
    return new Entry(partitionKey, null, bytes, size, held, index, NONE);
  }

  /** Changes of one group, put under its name and hash key. */
  static Entry packed(int group, byte[] bytes, long held, long[] indexes, int count) {
    String name = KeyGroup.name(group);
    return new Entry(
        name,
        KeyGroup.hashKey(group),
        bytes,
        bytes.length + name.length(),
        held,
        indexes[0],
        count == 1 ? NONE : Arrays.copyOfRange(indexes, 1, count));
  }

  /** Remembers that it was put into a request; tells whether it had been in one before. */
  boolean markSent() {
    boolean before = sent;
    sent = true;
    return before;
  }

  void acknowledge(Acknowledgements acknowledgements) {
    acknowledgements.add(first);
    for (long index : others) {
      acknowledgements.add(index);
    }
  }
}

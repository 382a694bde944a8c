package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One Kinesis record on its way, and which changes are in it. */
public final class Entry {

  private static final long[] NONE = {};

  /** Records of one partition key keep their order. */
  public final String partitionKey;

  /** Overrides the hash of the partition key; null for a record that is not packed. */
  public final @Nullable String hashKey;

  /** The record's data, in the first {@link #length} of these bytes; not to be changed. */
  public final byte[] bytes;

  /** The number of bytes of its data. */
  public final int length;

  /** The bytes that Kinesis counts, partition key included. */
  final int size;

  /** The memory that its acknowledgement frees. */
  final long pendingBytes;

  /** The key group, which decides the shard. */
  final int group;

  private final long first;
  private final long[] others;

  /** Strict order only: the next record of the same key, kept back until this is acknowledged. */
  @Nullable Entry nextOfKey;

  /** The shard that it is on its way to. */
  private @Nullable ShardPace shard;

  private boolean sent;

  private Entry(
      int group,
      String partitionKey,
      @Nullable String hashKey,
      byte[] bytes,
      int length,
      int size,
      long pendingBytes,
      long first,
      long[] others) {
    this.group = group;
    this.partitionKey = partitionKey;
    this.hashKey = hashKey;
    this.bytes = bytes;
    this.length = length;
    this.size = size;
    this.pendingBytes = pendingBytes;
    this.first = first;
    this.others = others;
  }

  /** A record of one change, under the change's key. */
  static Entry single(int group, StreamRecord change, long index, long pendingBytes) {
    return new Entry(
        group,
        change.partitionKey(),
        null,
        change.payload(),
        change.payload().length,
        change.size(),
        pendingBytes,
        index,
        NONE);
  }

  /** A record of several changes of one group, under the group's name and hash key. */
  static Entry packed(
      int group, byte[] bytes, int length, long pendingBytes, long[] indexes, int count) {
    String name = KeyGroup.name(group);
    return new Entry(
        group,
        name,
        KeyGroup.hashKey(group),
        bytes,
        length,
        length + name.length(),
        pendingBytes,
        indexes[0],
        count == 1 ? NONE : Arrays.copyOfRange(indexes, 1, count));
  }

  /** The record's data alone; a copy where {@link #bytes} holds more. */
  public byte[] data() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /**
   * Notes that the record is in a request.
   *
   * @param expected the shard that it will probably go to
   */
  void goesTo(ShardPace expected) {
    shard = expected;
    expected.sent(size);
  }

  /** Notes that the request has been answered or has failed. */
  void returned() {
    if (shard != null) {
      shard.returned(size);
      shard = null;
    }
  }

  /** Notes that the record was in a request, and returns whether it was in one before. */
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

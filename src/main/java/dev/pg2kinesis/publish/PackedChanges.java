package dev.pg2kinesis.publish;

import java.security.MessageDigest;
import java.util.Arrays;

/** The bytes of a packed record while it grows, and the indexes of the changes in it. */
final class PackedChanges {

  private static final int INITIAL_BYTES = 1024;

  /** Few steps to a full record: what is copied by growing is a third of it. */
  private static final int GROWTH = 4;

  private static final byte[] NONE = {};

  private final PackBuffers buffers;
  private byte[] bytes = NONE;
  private int length;

  /** While changes come fast, the next record will be as full as the one before. */
  private int expected = INITIAL_BYTES;

  private long[] indexes = new long[16];
  private int count;
  private long pendingBytes;

  /**
   * @param buffers of the size that the record will probably have
   */
  PackedChanges(PackBuffers buffers) {
    this.buffers = buffers;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int length() {
    return length;
  }

  void append(byte[] more) {
    reserve(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  void append(int b) {
    reserve(1);
    bytes[length++] = (byte) b;
  }

  /** Says that all bytes of a change are in. */
  void contains(long index, long changePendingBytes) {
    if (count == indexes.length) {
      indexes = Arrays.copyOf(indexes, 2 * count);
    }
    indexes[count++] = index;
    pendingBytes += changePendingBytes;
  }

  /** The digest of the bytes from an offset on. */
  byte[] digest(MessageDigest digest, int offset) {
    digest.update(bytes, offset, length - offset);
    return digest.digest();
  }

  /** Finishes the record, which goes under its group's key, and starts an empty one. */
  Entry toEntry(int group) {
    // Half empty, it would keep memory that no limit counts.
    byte[] data = bytes;
    if (length < bytes.length / 2) {
      data = Arrays.copyOf(bytes, length);
      buffers.giveBack(bytes);
    }
    Entry entry = Entry.packed(group, data, length, pendingBytes, indexes, count);
    bytes = NONE;
    expected = length < buffers.size() / 2 ? INITIAL_BYTES : buffers.size();
    length = 0;
    count = 0;
    pendingBytes = 0;
    return entry;
  }

  private void reserve(int more) {
    int needed = length + more;
    if (needed > bytes.length) {
      int grown = Math.min(buffers.size(), Math.max(expected, GROWTH * bytes.length));
      int capacity = Math.max(needed, grown);
      byte[] larger = capacity == buffers.size() ? buffers.take() : new byte[capacity];
      System.arraycopy(bytes, 0, larger, 0, length);
      buffers.giveBack(bytes);
      bytes = larger;
    }
  }
}

package dev.pg2kinesis.publish;

import java.security.MessageDigest;
import java.util.Arrays;

/** The bytes of a packed record while it grows, and the indexes of the changes in it. */
final class PackedChanges {

  private static final int INITIAL_BYTES = 1024;

  /** Few steps to a full record: what is copied by growing is a third of it. */
  private static final int GROWTH = 4;

  private static final byte[] NONE = {};

  private final int targetBytes;
  private byte[] bytes = NONE;
  private int length;

  /** While changes come fast, the next record will be as full as the one before. */
  private int expected = INITIAL_BYTES;

  private long[] indexes = new long[16];
  private int count;
  private long pendingBytes;

  /**
   * @param targetBytes how large the record will probably become
   */
  PackedChanges(int targetBytes) {
    this.targetBytes = targetBytes;
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
    byte[] data = length < bytes.length / 2 ? Arrays.copyOf(bytes, length) : bytes;
    Entry entry = Entry.packed(group, data, length, pendingBytes, indexes, count);
    bytes = NONE;
    expected = length < targetBytes / 2 ? INITIAL_BYTES : targetBytes;
    length = 0;
    count = 0;
    pendingBytes = 0;
    return entry;
  }

  private void reserve(int more) {
    int needed = length + more;
    if (needed > bytes.length) {
      int grown = Math.min(targetBytes, Math.max(expected, GROWTH * bytes.length));
      bytes = Arrays.copyOf(bytes, Math.max(needed, grown));
    }
  }
}

package dev.pg2kinesis.publish;

import java.security.MessageDigest;
import java.util.Arrays;

/** The bytes of a packed record while it grows, and the indexes of the changes in it. */
final class PackedChanges {

  private static final int INITIAL_BYTES = 256;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private long[] indexes = new long[16];
  private int count;
  private long pendingBytes;

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
    Entry entry = Entry.packed(group, Arrays.copyOf(bytes, length), pendingBytes, indexes, count);
    // Not kept for reuse: 256 groups would keep megabytes that no limit counts.
    bytes = new byte[INITIAL_BYTES];
    length = 0;
    count = 0;
    pendingBytes = 0;
    return entry;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}

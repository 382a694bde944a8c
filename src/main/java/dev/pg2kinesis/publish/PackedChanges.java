package dev.pg2kinesis.publish;

import java.security.MessageDigest;
import java.util.Arrays;

/** The growing bytes of a packed record and the places of its changes. */
final class PackedChanges {

  private static final int INITIAL_BYTES = 256;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private long[] indexes = new long[16];
  private int count;
  private long held;

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

  /** A change is now wholly in. */
  void contains(long index, long changeHeld) {
    if (count == indexes.length) {
      indexes = Arrays.copyOf(indexes, 2 * count);
    }
    indexes[count++] = index;
    held += changeHeld;
  }

  /** The digest of the bytes from an offset on. */
  byte[] digest(MessageDigest digest, int offset) {
    digest.update(bytes, offset, length - offset);
    return digest.digest();
  }

  /** The record, to go under its group's key; begins anew. */
  Entry toEntry(int group) {
    Entry entry = Entry.packed(group, Arrays.copyOf(bytes, length), held, indexes, count);
    // Not kept for reuse: 256 groups would keep megabytes that no limit counts.
    bytes = new byte[INITIAL_BYTES];
    length = 0;
    count = 0;
    held = 0;
    return entry;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}

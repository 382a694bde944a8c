package dev.pg2kinesis.format;

import java.io.OutputStream;
import java.util.Arrays;

/**
 * The bytes of one record as a formatter writes them. Keeps at most {@code limit} of them and
 * counts the rest, so that an oversized change costs no memory beyond the limit and its size is
 * still known.
 */
public final class Payload extends OutputStream {

  private final int limit;
  private byte[] kept;
  private int keptLength;
  private long size;

  /**
   * @param limit the most bytes to keep
   */
  public Payload(int limit) {
    this.limit = limit;
    this.kept = new byte[Math.min(limit, 1024)];
  }

  /** Forgets what was written, to be used again. */
  public void reset() {
    keptLength = 0;
    size = 0;
  }

  /** How many bytes were written, kept or not. */
  public long size() {
    return size;
  }

  /** Whether more was written than the limit allows. */
  public boolean overflowed() {
    return size > limit;
  }

  /**
   * A copy of what was written.
   *
   * @throws IllegalStateException if it was more than the limit
   */
  public byte[] toByteArray() {
    if (overflowed()) {
      throw new IllegalStateException(size + " bytes exceed the limit of " + limit);
    }
    return Arrays.copyOf(kept, keptLength);
  }

  @Override
  public void write(int b) {
    if (keptLength < limit) {
      reserve(1);
      kept[keptLength++] = (byte) b;
    }
    size++;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    int keep = Math.min(length, limit - keptLength);
    if (keep > 0) {
      reserve(keep);
      System.arraycopy(bytes, offset, kept, keptLength, keep);
      keptLength += keep;
    }
    size += length;
  }

  private void reserve(int more) {
    int needed = keptLength + more;
    if (needed > kept.length) {
      kept = Arrays.copyOf(kept, (int) Math.min(limit, Math.max(needed, 2L * kept.length)));
    }
  }
}

package dev.pg2kinesis.publish;

import java.util.ArrayDeque;

/**
 * The buffers of packed records, which serve again once their record is acknowledged. A new buffer
 * is zeroed first, and lives long enough to be moved by the garbage collector. Not thread-safe.
 */
final class PackBuffers {

  private final int size;
  private final long maxFreeBytes;
  private final ArrayDeque<byte[]> free = new ArrayDeque<>();

  /**
   * @param size the number of bytes of each
   * @param maxFreeBytes the memory to keep for the next records; after a burst, others need the
   *     rest
   */
  PackBuffers(int size, long maxFreeBytes) {
    this.size = size;
    this.maxFreeBytes = maxFreeBytes;
  }

  /** The number of bytes of each. */
  int size() {
    return size;
  }

  /** A buffer that nobody else has; what is in it is not defined. */
  byte[] take() {
    byte[] buffer = free.poll();
    return buffer == null ? new byte[size] : buffer;
  }

  /** Takes a buffer that nobody reads any more. One of another size is ignored. */
  void giveBack(byte[] buffer) {
    if (buffer.length == size && (free.size() + 1L) * size <= maxFreeBytes) {
      free.push(buffer);
    }
  }
}

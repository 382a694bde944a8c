package dev.pg2kinesis.snapshot;

import java.time.Duration;

/** How many rows to ask for, so that a chunk takes about a second to read and fits the memory. */
final class ChunkSize {

  /** A chunk that takes less time than this is followed by one of twice as many rows. */
  private static final Duration SHORT = Duration.ofMillis(700);

  /** A chunk that takes less time than this is followed by one of eight times as many rows. */
  private static final Duration VERY_SHORT = SHORT.dividedBy(8);

  /** A chunk that takes more time than this is followed by one of half as many rows. */
  private static final Duration LONG = Duration.ofSeconds(3);

  private static final long FIRST_ROWS = 500;
  private static final long MAX_ROWS = 1_000_000;

  private final long bytes;
  private long rows = FIRST_ROWS;

  /**
   * @param bytes about how much heap the rows of a chunk may take
   */
  ChunkSize(long bytes) {
    this.bytes = bytes;
  }

  /** About how much heap the rows of a chunk may take. */
  long bytes() {
    return bytes;
  }

  /** How many rows to ask for. */
  long rows() {
    return rows;
  }

  /** The server needed too long. */
  void halve() {
    rows = Math.max(1, rows / 2);
  }

  /**
   * A chunk was read. The server sends all rows that it was asked for, so the next one asks for no
   * more than fit.
   *
   * @param size its rows
   * @param taken the bytes that these take on the heap
   */
  void read(long size, long taken, Duration took) {
    if (took.compareTo(LONG) > 0) {
      halve();
    } else if (took.compareTo(SHORT) < 0 && size > 0) {
      rows = Math.min(rows * (took.compareTo(VERY_SHORT) < 0 ? 8 : 2), MAX_ROWS);
    }
    if (size > 0) {
      rows = Math.min(rows, Math.max(1, bytes * size / Math.max(1, taken)));
    }
  }
}

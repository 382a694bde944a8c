package dev.pg2kinesis.window;

import java.nio.file.Path;

/**
 * Where rows wait to be published: in memory, and beyond a threshold in a file.
 *
 * @param thresholdBytes bytes of rows that wait in memory
 * @param directory the directory of the file
 */
public record Spill(long thresholdBytes, Path directory) {

  /** Past a quarter of the heap, garbage collection costs more than a file does. */
  private static final int HEAP_SHARE = 4;

  /**
   * The configured threshold, but no more than the heap allows.
   *
   * @param heapBytes the largest size of the heap
   */
  public static Spill within(long heapBytes, long thresholdBytes, Path directory) {
    return new Spill(Math.min(thresholdBytes, heapBytes / HEAP_SHARE), directory);
  }
}

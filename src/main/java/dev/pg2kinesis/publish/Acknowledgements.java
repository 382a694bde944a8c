package dev.pg2kinesis.publish;

/**
 * Tracks which indexes are acknowledged, in any order, and how many from 0 on are with no gap. Its
 * memory grows with what lies beyond the first gap.
 */
final class Acknowledgements {

  private long[] words = new long[64];
  private long prefix;

  /** How many indexes, counted from 0, are acknowledged with no gap. */
  long prefix() {
    return prefix;
  }

  void add(long index) {
    long word = index >>> 6;
    if (word - (prefix >>> 6) >= words.length) {
      grow(word - (prefix >>> 6) + 1);
    }
    words[slot(word)] |= 1L << index;
    advance();
  }

  private void advance() {
    while (true) {
      int slot = slot(prefix >>> 6);
      // The ones that follow from the prefix's own bit on.
      int run = Long.numberOfTrailingZeros(~(words[slot] >>> prefix));
      int room = Long.SIZE - (int) (prefix & 63);
      if (run < room) {
        prefix += run;
        return;
      }
      prefix += room;
      words[slot] = 0;
    }
  }

  private int slot(long word) {
    return (int) (word & words.length - 1);
  }

  private void grow(long needed) {
    int length = words.length;
    while (length < needed) {
      length <<= 1;
    }
    long[] larger = new long[length];
    long firstWord = prefix >>> 6;
    for (long word = firstWord; word < firstWord + words.length; word++) {
      larger[(int) (word & length - 1)] = words[slot(word)];
    }
    words = larger;
  }
}

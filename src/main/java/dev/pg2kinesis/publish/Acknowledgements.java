package dev.pg2kinesis.publish;

/** The longest prefix of 0, 1, 2, … that was added, in any order; remembers only what is beyond. */
final class Acknowledgements {

  private long[] words = new long[64];
  private long prefix;

  /** How many, from 0 on, are there with none missing. */
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
      // Ones from the prefix's own bit on.
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

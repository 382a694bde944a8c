package dev.pg2kinesis.decode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A map from byte strings, looked up by a slice of a larger array so that a lookup allocates
 * nothing. Grows with the number of distinct names in a peek and no further.
 */
final class SliceMap<V> {

  private @Nullable Entry<V>[] table = newTable(64);
  private int size;

  @Nullable V get(byte[] bytes, int from, int to) {
    int hash = hash(bytes, from, to);
    for (Entry<V> e = table[hash & (table.length - 1)]; e != null; e = e.next) {
      if (e.hash == hash && Arrays.equals(e.key, 0, e.key.length, bytes, from, to)) {
        return e.value;
      }
    }
    return null;
  }

  /** Adds a key that is not there yet. */
  void add(byte[] bytes, int from, int to, V value) {
    if (++size > table.length) {
      grow();
    }
    insert(new Entry<>(Arrays.copyOfRange(bytes, from, to), hash(bytes, from, to), value));
  }

  private void insert(Entry<V> entry) {
    int slot = entry.hash & (table.length - 1);
    entry.next = table[slot];
    table[slot] = entry;
  }

  private void grow() {
    @Nullable Entry<V>[] old = table;
    table = newTable(2 * old.length);
    for (Entry<V> chain : old) {
      for (Entry<V> e = chain; e != null; ) {
        Entry<V> next = e.next;
        insert(e);
        e = next;
      }
    }
  }

  private static int hash(byte[] bytes, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash ^ (hash >>> 15);
  }

  // A generic array can only be made so; nothing but entries of V goes in.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <V> @Nullable Entry<V>[] newTable(int length) {
    return new Entry[length];
  }

  private static final class Entry<V> {
    private final byte[] key;
    private final int hash;
    private final V value;
    private @Nullable Entry<V> next;

    private Entry(byte[] key, int hash, V value) {
      this.key = key;
      this.hash = hash;
      this.value = value;
    }
  }
}

package dev.pg2kinesis.publish;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Finds a partition key's group: one of the 256 equal slices of the hash-key range, by the first
 * byte of the MD5 hash that Kinesis itself computes (API Reference, "PutRecords": "An MD5 hash
 * function is used to map partition keys to 128-bit integer values"). The group of a key never
 * changes, whatever the settings and the shards.
 */
final class KeyGroup {

  static final int COUNT = 256;

  private static final String[] HASH_KEYS = new String[COUNT];
  private static final String[] NAMES = new String[COUNT];

  static {
    for (int group = 0; group < COUNT; group++) {
      // The middle of the slice: inside one shard even if a shard ends at the slice's edge.
      HASH_KEYS[group] =
          BigInteger.valueOf(2L * group + 1).shiftLeft(Long.SIZE + Long.SIZE - 9).toString();
      NAMES[group] = "group-" + group;
    }
  }

  /** The heap that a remembered key takes, at most. */
  private static final int KEY_BYTES = 144;

  /** Longer keys are not remembered. */
  private static final int MAX_CHARACTERS = 48;

  private static final int MAX_KEYS = 1 << 14;

  private final MessageDigest md5 = newMd5();

  /** Keys by the last bits of their hash code, the last one that came of those alike. */
  private final @Nullable String[] keys;

  private final byte[] groups;

  /**
   * @param memoryBytes about how much may be used to remember keys
   */
  KeyGroup(long memoryBytes) {
    long fit = Math.max(1, Math.min(MAX_KEYS, memoryBytes / KEY_BYTES));
    int powerOfTwo = Integer.highestOneBit((int) fit);
    keys = new @Nullable String[powerOfTwo];
    groups = new byte[powerOfTwo];
  }

  /** The group of a partition key, 0 to 255. Remembers keys, so for one thread. */
  int of(String partitionKey) {
    if (partitionKey.length() > MAX_CHARACTERS) {
      return groupByHash(partitionKey);
    }
    int slot = partitionKey.hashCode() & keys.length - 1;
    if (!partitionKey.equals(keys[slot])) {
      groups[slot] = (byte) groupByHash(partitionKey);
      keys[slot] = partitionKey;
    }
    return groups[slot] & 0xFF;
  }

  private int groupByHash(String partitionKey) {
    return md5.digest(partitionKey.getBytes(StandardCharsets.UTF_8))[0] & 0xFF;
  }

  /** The hash key, in decimal, that all packed records of a group are put under. */
  static String hashKey(int group) {
    return HASH_KEYS[group];
  }

  /** The partition key of a group's packed records. */
  static String name(int group) {
    return NAMES[group];
  }

  static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the Java runtime lacks MD5", e);
    }
  }
}

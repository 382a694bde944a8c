package dev.pg2kinesis.publish;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

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

  private final MessageDigest md5 = newMd5();
  private String lastKey = "";
  private int lastGroup = -1;

  /** The group of a partition key, 0 to 255. Remembers the last key, so for one thread. */
  int of(String partitionKey) {
    if (lastGroup < 0 || !lastKey.equals(partitionKey)) {
      lastGroup = md5.digest(partitionKey.getBytes(StandardCharsets.UTF_8))[0] & 0xFF;
      lastKey = partitionKey;
    }
    return lastGroup;
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

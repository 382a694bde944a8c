package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@link Packing#KPL}: the aggregated record of the Kinesis Producer Library. Source: "KPL
 * Aggregated Record Format" in the library's repository (aggregation-format.md): four magic bytes,
 * a protobuf message {@code AggregatedRecord} and the message's MD5.
 *
 * <p>{@code AggregatedRecord} has the partition keys (field 1), the explicit hash keys (2) and the
 * records (3). A record has the index of its partition key (1), the index of its hash key (2) and
 * its data (3). Consumers drop a whole aggregate if the hash key of one record is outside the
 * shard, so all records have the hash key that the aggregate itself is put under.
 */
final class KplPacker implements Packer {

  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
  private static final int MD5_BYTES = 16;
  private static final int LENGTH_DELIMITED = 2;
  private static final int PARTITION_KEY = (1 << 3) | LENGTH_DELIMITED;
  private static final int HASH_KEY = (2 << 3) | LENGTH_DELIMITED;
  private static final int RECORD = (3 << 3) | LENGTH_DELIMITED;
  private static final int RECORD_PARTITION_KEY_INDEX = 1 << 3;
  private static final int RECORD_HASH_KEY_INDEX = 2 << 3;
  private static final int RECORD_DATA = (3 << 3) | LENGTH_DELIMITED;

  /** The most bytes of tags and lengths around one record and its key. */
  private static final int RECORD_OVERHEAD = 32;

  private final int group;
  private final int targetBytes;
  private final MessageDigest md5 = KeyGroup.newMd5();
  private final Map<String, Integer> keys = new HashMap<>();
  private final PackedChanges changes;

  KplPacker(int group, PackBuffers buffers) {
    this.group = group;
    this.targetBytes = buffers.size();
    this.changes = new PackedChanges(buffers);
  }

  @Override
  public @Nullable Entry add(StreamRecord change, long index, long pendingBytes) {
    byte[] key = change.partitionKey().getBytes(StandardCharsets.UTF_8);
    int needed = key.length + change.payload().length + RECORD_OVERHEAD;
    Entry complete = null;
    if (!changes.isEmpty() && changes.length() + needed + MD5_BYTES > targetBytes) {
      complete = seal();
    }
    if (changes.isEmpty()) {
      begin();
    }
    append(change, key);
    changes.contains(index, pendingBytes);
    return complete;
  }

  private void begin() {
    changes.append(MAGIC);
    appendBytes(HASH_KEY, KeyGroup.hashKey(group).getBytes(StandardCharsets.US_ASCII));
  }

  private void append(StreamRecord change, byte[] key) {
    Integer known = keys.putIfAbsent(change.partitionKey(), keys.size());
    int keyIndex = known == null ? keys.size() - 1 : known;
    if (known == null) {
      appendBytes(PARTITION_KEY, key);
    }
    byte[] payload = change.payload();
    changes.append(RECORD);
    appendVarint(
        1 + varintLength(keyIndex) + 2 + 1 + varintLength(payload.length) + payload.length);
    changes.append(RECORD_PARTITION_KEY_INDEX);
    appendVarint(keyIndex);
    changes.append(RECORD_HASH_KEY_INDEX);
    changes.append(0);
    appendBytes(RECORD_DATA, payload);
  }

  private void appendBytes(int tag, byte[] bytes) {
    changes.append(tag);
    appendVarint(bytes.length);
    changes.append(bytes);
  }

  private void appendVarint(int value) {
    int rest = value;
    while (rest > 0x7F) {
      changes.append((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    changes.append(rest);
  }

  private static int varintLength(int value) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
  }

  @Override
  public int group() {
    return group;
  }

  @Override
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  @Override
  public Entry seal() {
    changes.append(changes.digest(md5, MAGIC.length));
    keys.clear();
    return changes.toEntry(group);
  }
}

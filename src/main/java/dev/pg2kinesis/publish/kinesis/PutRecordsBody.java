package dev.pg2kinesis.publish.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.publish.Entry;
import java.util.List;

/**
 * The body of a {@code PutRecords} request in CBOR (RFC 8949), which is what the SDK's own
 * marshaller writes: maps, text and byte strings of a definite length. Measured first and written
 * once, since the SDK's takes several copies of all records and an object for each.
 */
final class PutRecordsBody {

  private static final int BYTES = 2 << 5;
  private static final int TEXT = 3 << 5;
  private static final int ARRAY = 4 << 5;
  private static final int MAP = 5 << 5;

  private static final byte[] RECORDS = field("Records");
  private static final byte[] DATA = field("Data");
  private static final byte[] PARTITION_KEY = field("PartitionKey");
  private static final byte[] HASH_KEY = field("ExplicitHashKey");

  private final byte[] body;
  private int length;

  private PutRecordsBody(int size) {
    body = new byte[size];
  }

  /**
   * Writes a body.
   *
   * @param address the stream
   * @param entries at least one
   */
  static byte[] of(StreamAddress address, List<Entry> entries) {
    byte[] stream = address.text().getBytes(UTF_8);
    byte[] streamField = field(address.isArn() ? "StreamARN" : "StreamName");
    byte[][] keys = new byte[entries.size()][];
    int size =
        1 + RECORDS.length + headSize(keys.length) + streamField.length + textSize(stream.length);
    for (int i = 0; i < keys.length; i++) {
      Entry entry = entries.get(i);
      keys[i] = entry.partitionKey.getBytes(UTF_8);
      size += 1 + DATA.length + textSize(entry.length) + PARTITION_KEY.length;
      size += textSize(keys[i].length);
      if (entry.hashKey != null) {
        size += HASH_KEY.length + textSize(entry.hashKey.length());
      }
    }
    PutRecordsBody written = new PutRecordsBody(size);
    written.head(MAP, 2);
    written.raw(RECORDS, RECORDS.length);
    written.head(ARRAY, keys.length);
    for (int i = 0; i < keys.length; i++) {
      written.entry(entries.get(i), keys[i]);
    }
    written.raw(streamField, streamField.length);
    written.text(stream);
    return written.body;
  }

  private void entry(Entry entry, byte[] key) {
    head(MAP, entry.hashKey == null ? 2 : 3);
    raw(DATA, DATA.length);
    head(BYTES, entry.length);
    raw(entry.bytes, entry.length);
    if (entry.hashKey != null) {
      raw(HASH_KEY, HASH_KEY.length);
      text(entry.hashKey.getBytes(UTF_8));
    }
    raw(PARTITION_KEY, PARTITION_KEY.length);
    text(key);
  }

  private void text(byte[] text) {
    head(TEXT, text.length);
    raw(text, text.length);
  }

  private void raw(byte[] bytes, int count) {
    System.arraycopy(bytes, 0, body, length, count);
    length += count;
  }

  /** The first bytes of an item: its type and its number of bytes, elements or pairs. */
  private void head(int type, int count) {
    length += writeHead(body, length, type, count);
  }

  private static int writeHead(byte[] to, int at, int type, int count) {
    int size = headSize(count);
    switch (size) {
      case 1 -> to[at] = (byte) (type | count);
      case 2 -> to[at] = (byte) (type | 24);
      case 3 -> to[at] = (byte) (type | 25);
      default -> to[at] = (byte) (type | 26);
    }
    for (int i = 1; i < size; i++) {
      to[at + i] = (byte) (count >>> (Byte.SIZE * (size - 1 - i)));
    }
    return size;
  }

  private static int headSize(int count) {
    if (count < 24) {
      return 1;
    }
    if (count < 1 << 8) {
      return 2;
    }
    return count < 1 << 16 ? 3 : 5;
  }

  private static int textSize(int bytes) {
    return headSize(bytes) + bytes;
  }

  private static byte[] field(String name) {
    byte[] text = name.getBytes(UTF_8);
    byte[] field = new byte[textSize(text.length)];
    int head = writeHead(field, 0, TEXT, text.length);
    System.arraycopy(text, 0, field, head, text.length);
    return field;
  }
}

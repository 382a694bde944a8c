package dev.pg2kinesis.publish.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.publish.Entry;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/**
 * The body of a {@code PutRecords} request in CBOR (RFC 8949), which is what the SDK's own
 * marshaller writes: maps, text and byte strings of a definite length. The SDK takes several copies
 * of all records and an object for each. Here only what is between the records' data is written;
 * whoever reads the body gets the data from the entries.
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

  private final List<Entry> entries;

  /** All bytes except the records' data. */
  private final byte[] frame;

  /** For each entry, where the frame goes on after its data. */
  private final int[] dataAt;

  private int length;
  private int dataLength;

  private PutRecordsBody(List<Entry> entries, int frameSize) {
    this.entries = entries;
    this.frame = new byte[frameSize];
    this.dataAt = new int[entries.size()];
  }

  /**
   * Writes a body.
   *
   * @param address the stream
   * @param entries at least one
   */
  static PutRecordsBody of(StreamAddress address, List<Entry> entries) {
    byte[] stream = address.text().getBytes(UTF_8);
    byte[] streamField = field(address.isArn() ? "StreamARN" : "StreamName");
    byte[][] keys = new byte[entries.size()][];
    int size =
        1 + RECORDS.length + headSize(keys.length) + streamField.length + textSize(stream.length);
    for (int i = 0; i < keys.length; i++) {
      Entry entry = entries.get(i);
      keys[i] = entry.partitionKey.getBytes(UTF_8);
      size += 1 + DATA.length + headSize(entry.length) + PARTITION_KEY.length;
      size += textSize(keys[i].length);
      if (entry.hashKey != null) {
        size += HASH_KEY.length + textSize(entry.hashKey.length());
      }
    }
    PutRecordsBody written = new PutRecordsBody(entries, size);
    written.head(MAP, 2);
    written.raw(RECORDS, RECORDS.length);
    written.head(ARRAY, keys.length);
    for (int i = 0; i < keys.length; i++) {
      written.entry(i, keys[i]);
    }
    written.raw(streamField, streamField.length);
    written.text(stream);
    return written;
  }

  /** Its number of bytes. */
  int size() {
    return frame.length + dataLength;
  }

  /** The body from its start. */
  InputStream newStream() {
    return new Stream();
  }

  private void entry(int index, byte[] key) {
    Entry entry = entries.get(index);
    head(MAP, entry.hashKey == null ? 2 : 3);
    raw(DATA, DATA.length);
    head(BYTES, entry.length);
    dataAt[index] = length;
    dataLength += entry.length;
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
    System.arraycopy(bytes, 0, frame, length, count);
    length += count;
  }

  /** The first bytes of an item: its type and its number of bytes, elements or pairs. */
  private void head(int type, int count) {
    length += writeHead(frame, length, type, count);
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

  /** Frame and data in turn: part 2n is what comes before the n-th data, part 2n + 1 the data. */
  private final class Stream extends InputStream {
    private byte[] bytes = frame;
    private int at;
    private int end = dataAt[0];
    private int part;

    @Override
    public int read() {
      return hasMore() ? bytes[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] to, int from, int count) {
      Objects.checkFromIndexSize(from, count, to.length);
      int copied = 0;
      while (copied < count && hasMore()) {
        int some = Math.min(count - copied, end - at);
        System.arraycopy(bytes, at, to, from + copied, some);
        at += some;
        copied += some;
      }
      return copied == 0 && count > 0 ? -1 : copied;
    }

    /** Goes on to the next part that is not empty. */
    private boolean hasMore() {
      while (at == end && part < 2 * dataAt.length) {
        part++;
        int entry = part / 2;
        if (part % 2 == 1) {
          bytes = entries.get(entry).bytes;
          at = 0;
          end = entries.get(entry).length;
        } else {
          bytes = frame;
          at = dataAt[entry - 1];
          end = entry < dataAt.length ? dataAt[entry] : frame.length;
        }
      }
      return at < end;
    }
  }
}

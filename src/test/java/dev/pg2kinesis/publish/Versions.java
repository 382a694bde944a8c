package dev.pg2kinesis.publish;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.DeliveryOrder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** Changes that say which version of which key they are, written and read back. */
public final class Versions {

  private final Map<String, Long> sent = new HashMap<>();
  private long count;

  /** The next version of a key, filled up to a number of bytes. */
  public StreamRecord next(String key, int bytes) {
    long version = sent.merge(key, 1L, Long::sum) - 1;
    StringBuilder text = new StringBuilder().append(key).append('|').append(version).append('|');
    while (text.length() < bytes) {
      text.append('.');
    }
    return new StreamRecord(
        key, text.toString().getBytes(StandardCharsets.UTF_8), new Lsn(++count), 0);
  }

  /** For each key how many versions there are. */
  public Map<String, Long> sent() {
    return sent;
  }

  public long count() {
    return count;
  }

  /** Takes a record apart as its consumers do and tells the checker what is in it. */
  public static void deliver(Packing packing, Delivery delivery, DeliveryOrder order) {
    switch (packing) {
      case NONE, LINES -> deliver(delivery.data(), order);
      case KPL -> deaggregated(delivery).forEach(record -> deliver(bytes(record.data()), order));
    }
  }

  /** What the Kinesis Client Library makes of a record in the shard it was read from. */
  public static List<KinesisClientRecord> deaggregated(Delivery delivery) {
    return new AggregatorUtil()
        .deaggregate(
            List.of(
                KinesisClientRecord.builder()
                    .data(ByteBuffer.wrap(delivery.data()))
                    .partitionKey(delivery.partitionKey())
                    .sequenceNumber(delivery.sequenceNumber())
                    .approximateArrivalTimestamp(Instant.ofEpochMilli(delivery.arrivedMillis()))
                    .build()),
            delivery.shardFrom(),
            delivery.shardTo());
  }

  public static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  public static String keyOf(byte[] payload) {
    String text = text(payload);
    return text.substring(0, text.indexOf('|'));
  }

  public static long versionOf(byte[] payload) {
    String text = text(payload);
    int bar = text.indexOf('|');
    return Long.parseLong(text.substring(bar + 1, text.indexOf('|', bar + 1)));
  }

  /** Changes with newlines between them. Byte by byte, because the benchmark has a lot of them. */
  private static void deliver(byte[] changes, DeliveryOrder order) {
    for (int from = 0; from < changes.length; from++) {
      int bar = from;
      while (changes[bar] != '|') {
        bar++;
      }
      String key = new String(changes, from, bar - from, StandardCharsets.UTF_8);
      long version = 0;
      for (from = bar + 1; changes[from] != '|'; from++) {
        version = 10 * version + changes[from] - '0';
      }
      order.delivered(key, version);
      while (from < changes.length && changes[from] != '\n') {
        from++;
      }
    }
  }
}

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
final class Versions {

  private final Map<String, Long> sent = new HashMap<>();
  private long count;

  /** The next version of a key, filled up to a number of bytes. */
  StreamRecord next(String key, int bytes) {
    long version = sent.merge(key, 1L, Long::sum) - 1;
    StringBuilder text = new StringBuilder().append(key).append('|').append(version).append('|');
    while (text.length() < bytes) {
      text.append('.');
    }
    return new StreamRecord(
        key, text.toString().getBytes(StandardCharsets.UTF_8), new Lsn(++count), 0);
  }

  /** For each key how many versions there are. */
  Map<String, Long> sent() {
    return sent;
  }

  long count() {
    return count;
  }

  /** Takes a record apart as its consumers do and tells the checker what is in it. */
  static void deliver(Packing packing, Delivery delivery, DeliveryOrder order) {
    switch (packing) {
      case NONE -> deliver(text(delivery.data()), order);
      case LINES -> text(delivery.data()).lines().forEach(line -> deliver(line, order));
      case KPL -> deaggregated(delivery).forEach(r -> deliver(text(bytes(r.data())), order));
    }
  }

  /** What the Kinesis Client Library makes of a record in the shard it was read from. */
  static List<KinesisClientRecord> deaggregated(Delivery delivery) {
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

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static String keyOf(byte[] payload) {
    String text = text(payload);
    return text.substring(0, text.indexOf('|'));
  }

  static long versionOf(byte[] payload) {
    String text = text(payload);
    int bar = text.indexOf('|');
    return Long.parseLong(text.substring(bar + 1, text.indexOf('|', bar + 1)));
  }

  private static void deliver(String change, DeliveryOrder order) {
    int bar = change.indexOf('|');
    order.delivered(
        change.substring(0, bar),
        Long.parseLong(change.substring(bar + 1, change.indexOf('|', bar + 1))));
  }
}

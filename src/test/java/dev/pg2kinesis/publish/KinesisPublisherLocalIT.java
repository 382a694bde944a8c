package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.KinesisLocal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The wire, against a Kinesis that others wrote. */
final class KinesisPublisherLocalIT {

  private static KinesisLocal kinesis;

  @BeforeAll
  static void start() {
    kinesis = KinesisLocal.start();
  }

  @AfterAll
  static void stop() {
    kinesis.close();
  }

  private static KinesisStream stream(String address) {
    return KinesisStream.at(
        new StreamAddress(address),
        Duration.ofSeconds(10),
        builder ->
            builder
                .endpointOverride(kinesis.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"))));
  }

  @ParameterizedTest
  @CsvSource({"REPLAY, 1", "REPLAY, 0", "STRICT, 4"})
  void every_change_arrives_once_and_in_the_order_of_its_key(Ordering ordering, int lanes) {
    String name = "orders-" + ordering + "-" + lanes;
    kinesis.createStream(name, 3);
    Map<String, List<String>> expected = new HashMap<>();
    try (KinesisStream stream = stream(name);
        KinesisPublisher publisher =
            KinesisPublisher.open(
                stream,
                PublisherConfiguration.defaults().withOrdering(ordering).withLanes(lanes),
                () -> 60_000)) {
      assertThat(publisher.description().openShards()).isEqualTo(3);
      assertThat(publisher.description().status()).isEqualTo("ACTIVE");
      for (int i = 0; i < 2_000; i++) {
        String key = "orders/" + i % 37;
        String value = "v" + i;
        publisher.publish(
            new StreamRecord(key, value.getBytes(StandardCharsets.UTF_8), new Lsn(i / 10), i % 10));
        expected.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
      }
      publisher.flush();
      assertThat(publisher.acknowledged()).isEqualTo(2_000);
      assertThat(publisher.totals().records()).isEqualTo(2_000);
    }
    assertThat(read(name)).isEqualTo(expected);
  }

  @Test
  void a_stream_that_is_not_there_is_named() {
    try (KinesisStream stream = stream("nowhere")) {
      assertThatThrownBy(
              () -> KinesisPublisher.open(stream, PublisherConfiguration.defaults(), () -> 60_000))
          .isInstanceOf(PublishException.class)
          .hasMessageStartingWith("STREAM_MISSING");
    }
  }

  private static Map<String, List<String>> read(String name) {
    Map<String, List<String>> byKey = new HashMap<>();
    KinesisClient client = kinesis.client();
    for (Shard shard : client.listShards(r -> r.streamName(name)).shards()) {
      String iterator =
          client
              .getShardIterator(
                  r ->
                      r.streamName(name)
                          .shardId(shard.shardId())
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      for (Record record : client.getRecords(r -> r.shardIterator(iterator)).records()) {
        byKey
            .computeIfAbsent(record.partitionKey(), k -> new ArrayList<>())
            .add(record.data().asUtf8String());
      }
    }
    return byKey;
  }
}

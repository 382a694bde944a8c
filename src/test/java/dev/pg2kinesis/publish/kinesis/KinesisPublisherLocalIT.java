package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.DeliveryOrder;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.Versions;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
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

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

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
  @CsvSource({"REPLAY, NONE", "STRICT, NONE", "REPLAY, LINES", "REPLAY, KPL"})
  void everyChangeArrivesOnceAndInTheOrderOfItsKey(Ordering ordering, Packing packing) {
    String name = "orders-" + ordering + "-" + packing;
    kinesis.createStream(name, 3);
    Versions versions = new Versions();
    try (KinesisStream stream = stream(name);
        KinesisPublisher publisher =
            KinesisPublisher.open(
                stream,
                PublisherConfiguration.defaults().withOrdering(ordering).withPacking(packing),
                () -> 60_000)) {
      assertThat(stream.description().openShards()).isEqualTo(3);
      assertThat(stream.description().status()).isEqualTo("ACTIVE");
      for (int i = 0; i < 2_000; i++) {
        publisher.publish(versions.next("orders/" + i % 37, 50));
      }
      publisher.flush();
      assertThat(publisher.acknowledged()).isEqualTo(2_000);
      if (packing == Packing.NONE) {
        assertThat(publisher.totals().records()).isEqualTo(2_000);
      } else {
        assertThat(publisher.totals().records()).isLessThan(2_000);
      }
    }
    DeliveryOrder order = new DeliveryOrder();
    read(name).forEach(delivery -> Versions.deliver(packing, delivery, order));
    assertThat(order.deliveries()).isEqualTo(2_000);
    assertThat(order.skips()).isZero();
    assertThat(order.unsettled(versions.sent())).isEmpty();
  }

  @Test
  void aStreamThatIsNotThereIsNamed() {
    try (KinesisStream stream = stream("nowhere")) {
      assertThatThrownBy(
              () -> KinesisPublisher.open(stream, PublisherConfiguration.defaults(), () -> 60_000))
          .isInstanceOf(PublishException.class)
          .hasMessageStartingWith("STREAM_MISSING");
    }
  }

  private static List<Delivery> read(String name) {
    List<Delivery> deliveries = new ArrayList<>();
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
        deliveries.add(
            new Delivery(
                shard.shardId(),
                new BigInteger(shard.hashKeyRange().startingHashKey()),
                new BigInteger(shard.hashKeyRange().endingHashKey()),
                record.sequenceNumber(),
                record.partitionKey(),
                record.data().asByteArray(),
                record.approximateArrivalTimestamp().toEpochMilli()));
      }
    }
    return deliveries;
  }
}

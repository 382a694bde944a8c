package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.kinesis.DeliveryOrder;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.RetryPolicy;
import dev.pg2kinesis.publish.Versions;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** A publisher with short pauses, a fake to publish to, and the checker of what arrives there. */
final class PublisherAgainstFake implements AutoCloseable {

  private static final Duration READ_TIMEOUT = Duration.ofMillis(500);

  private static final Pacing SHORT =
      new Pacing(new RetryPolicy(1, 5), new RetryPolicy(1, 5), 1, new Pacing.ShardQuota(1e6, 1e9));

  final FakeKinesis kinesis = FakeKinesis.start();
  final FakeStream fake;
  final DeliveryOrder order = new DeliveryOrder();
  final Versions versions = new Versions();
  final AtomicLong remainingMillis = new AtomicLong(60_000);
  final KinesisPublisher publisher;
  private final KinesisStream stream;

  PublisherAgainstFake(PublisherConfiguration configuration, int shards) {
    this(configuration, shards, FakeStream.Settings.PLAIN);
  }

  PublisherAgainstFake(
      PublisherConfiguration configuration, int shards, FakeStream.Settings settings) {
    fake = kinesis.createStream("s", shards, settings);
    fake.observe(delivery -> Versions.deliver(configuration.packing(), delivery, order));
    stream = stream(kinesis, "s");
    StreamDescription description =
        StreamProbe.of(stream, remainingMillis::get, new SplittableRandom(1), nanos -> {});
    publisher =
        new KinesisPublisher(
            stream,
            description,
            configuration,
            SHORT,
            remainingMillis::get,
            System::nanoTime,
            new SplittableRandom(1));
  }

  static KinesisStream stream(FakeKinesis kinesis, String address) {
    return KinesisStream.at(
        new StreamAddress(address),
        READ_TIMEOUT,
        builder ->
            builder
                .endpointOverride(kinesis.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"))));
  }

  /** Publishes the next version of a key. */
  void publish(String key) {
    publisher.publish(versions.next(key, 100));
  }

  @Override
  public void close() {
    publisher.close();
    stream.close();
    kinesis.close();
  }
}

package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.Fence;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.RoutedPublisher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** The streams of a run, all of them described and ready to be published to. */
public final class OpenStreams implements AutoCloseable {

  private final Publisher publisher;
  private final List<Integer> maxRecordBytes;

  private OpenStreams(Publisher publisher, List<Integer> maxRecordBytes) {
    this.publisher = publisher;
    this.maxRecordBytes = List.copyOf(maxRecordBytes);
  }

  /**
   * Describes the streams and makes a publisher to them. They stay open when it is closed.
   *
   * @param streams by number, the default stream first
   * @param configuration what waits is limited over all streams together
   * @param fence whether requests may still be started; called often, from several threads
   * @throws PublishException naming every stream that takes no records
   */
  public static OpenStreams open(
      List<KinesisStream> streams, PublisherConfiguration configuration, Fence fence) {
    if (streams.size() == 1) {
      KinesisPublisher only = KinesisPublisher.open(streams.get(0), configuration, fence);
      return new OpenStreams(only, List.of(only.maxRecordBytes()));
    }
    return open(
        streams,
        configuration,
        Pacing.DEFAULT,
        fence,
        new SplittableRandom(),
        describe(streams, fence));
  }

  /** Makes the publisher of several streams that are described. */
  static OpenStreams open(
      List<KinesisStream> streams,
      PublisherConfiguration configuration,
      Pacing pacing,
      Fence fence,
      RandomGenerator random,
      List<StreamDescription> descriptions) {
    List<Integer> route = StreamIdentity.first(addresses(streams), descriptions);
    long share = Math.max(1, configuration.maxPendingBytes() / route.stream().distinct().count());
    Map<String, KinesisPublisher> publishers = new LinkedHashMap<>();
    List<Integer> indexes = new ArrayList<>();
    List<Integer> limits = new ArrayList<>();
    for (int i = 0; i < streams.size(); i++) {
      if (route.get(i) == i) {
        indexes.add(publishers.size());
        KinesisPublisher made =
            new KinesisPublisher(
                streams.get(i),
                descriptions.get(i),
                configuration.withMaxPendingBytes(share),
                pacing,
                fence,
                System::nanoTime,
                new SplittableRandom(random.nextLong()));
        publishers.put(streams.get(i).address().text(), made);
        limits.add(made.maxRecordBytes());
      } else {
        // Another spelling of a stream that has a publisher.
        indexes.add(indexes.get(route.get(i)));
        limits.add(limits.get(route.get(i)));
      }
    }
    return new OpenStreams(new RoutedPublisher(publishers, indexes, share), limits);
  }

  private static List<StreamAddress> addresses(List<KinesisStream> streams) {
    return streams.stream().map(KinesisStream::address).toList();
  }

  private static List<StreamDescription> describe(List<KinesisStream> streams, Fence fence) {
    RandomGenerator random = new SplittableRandom();
    List<StreamDescription> descriptions = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    PublishException first = null;
    for (KinesisStream stream : streams) {
      try {
        descriptions.add(
            StreamProbe.of(stream, fence::remainingMillis, random, LockSupport::parkNanos));
      } catch (PublishException e) {
        first = first == null ? e : first;
        problems.add("stream " + stream.address() + ": " + e.explanation());
      }
    }
    if (first != null) {
      throw new PublishException(first.code(), String.join("; ", problems), first.getCause());
    }
    return descriptions;
  }

  /** Publishes to all of them. */
  public Publisher publisher() {
    return publisher;
  }

  /** By number, the most bytes that each takes in a record, partition key included. */
  public List<Integer> maxRecordBytes() {
    return maxRecordBytes;
  }

  @Override
  public void close() {
    publisher.close();
  }
}

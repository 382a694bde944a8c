package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Fence;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.SendQueue;
import dev.pg2kinesis.publish.StreamPublisher;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to a Kinesis stream. The caller's thread only queues. {@link SendQueue} decides what
 * may be sent when; {@link Senders} sends it.
 */
public final class KinesisPublisher implements StreamPublisher {

  private final int maxRecordBytes;
  private final SendQueue queue;
  private final Senders senders;

  KinesisPublisher(
      KinesisStream stream,
      StreamDescription description,
      PublisherConfiguration configuration,
      Pacing pacing,
      Fence fence,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.maxRecordBytes = description.maxRecordBytes() - configuration.packing().recordOverhead();
    this.queue =
        new SendQueue(
            configuration,
            pacing,
            description.openShards(),
            description.maxRecordBytes(),
            nanoTime.getAsLong(),
            random);
    this.senders = new Senders(stream, queue, configuration.maxPendingBytes(), fence, nanoTime);
  }

  /**
   * Describes the stream and makes a publisher to it. The stream stays open when the publisher is
   * closed.
   *
   * @param fence whether requests may still be started; called often, from several threads
   * @throws PublishException if the stream takes no records
   */
  public static KinesisPublisher open(
      KinesisStream stream, PublisherConfiguration configuration, Fence fence) {
    RandomGenerator random = new SplittableRandom();
    StreamDescription description =
        StreamProbe.of(stream, fence::remainingMillis, random, LockSupport::parkNanos);
    return new KinesisPublisher(
        stream, description, configuration, Pacing.DEFAULT, fence, System::nanoTime, random);
  }

  /**
   * The largest {@link StreamRecord#size()} that the stream takes. A larger record stops publishing
   * when Kinesis refuses it.
   */
  public int maxRecordBytes() {
    return maxRecordBytes;
  }

  @Override
  public void publish(StreamRecord record) {
    senders.add(record);
  }

  @Override
  public void flush() {
    senders.flush();
  }

  @Override
  public void urge() {
    senders.urge();
  }

  @Override
  public @Nullable PublishException failure() {
    return senders.failure();
  }

  @Override
  public void stop() {
    senders.stop();
  }

  @Override
  public long acknowledged() {
    return senders.acknowledged();
  }

  @Override
  public Totals totals() {
    return senders.look(queue::totals);
  }

  @Override
  public void close() {
    senders.close();
  }
}

package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.KeyGroup;
import dev.pg2kinesis.publish.Lanes;
import dev.pg2kinesis.publish.Limits;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.Utf8;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Publishes to a Kinesis stream. The caller's thread only queues. {@link Lanes} decides what may be
 * sent when; {@link Senders} sends it.
 */
public final class KinesisPublisher implements Publisher {

  /** Lanes of a stream that may not be described. */
  private static final int UNKNOWN_STREAM_LANES = 16;

  /** Objects and references around a change's bytes while it waits, roughly, in bytes. */
  private static final int HELD_WITH_A_CHANGE = 200;

  /** The same for a change that was copied into a packed record. */
  private static final int HELD_WITH_A_PACKED_CHANGE = 40;

  private final StreamDescription description;
  private final Packing packing;
  private final int heldWithIt;
  private final Lanes lanes;
  private final Senders senders;

  KinesisPublisher(
      KinesisStream stream,
      StreamDescription description,
      PublisherConfiguration configuration,
      Pacing pacing,
      LongSupplier remainingMillis,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.description = description;
    this.packing = configuration.packing();
    this.heldWithIt = heldWithAChange(packing);
    this.lanes =
        new Lanes(
            configuration,
            pacing,
            laneCount(configuration, description.openShards()),
            description.maxRecordBytes(),
            nanoTime.getAsLong(),
            random);
    this.senders = new Senders(stream, lanes, configuration.heldBytes(), remainingMillis, nanoTime);
  }

  /** The bytes that a change holds besides its payload and its key. */
  static int heldWithAChange(Packing packing) {
    return packing == Packing.NONE ? HELD_WITH_A_CHANGE : HELD_WITH_A_PACKED_CHANGE;
  }

  /** The lanes to a stream of so many open shards, 0 if that is not known. */
  static int laneCount(PublisherConfiguration configuration, int openShards) {
    if (configuration.lanes() != PublisherConfiguration.LANES_BY_SHARDS) {
      return configuration.lanes();
    }
    return openShards == 0 ? UNKNOWN_STREAM_LANES : Math.min(KeyGroup.COUNT, openShards);
  }

  /**
   * Describes the stream and makes a publisher to it. The stream stays open when the publisher is
   * closed.
   *
   * @param remainingMillis the milliseconds that are left to publish in; asked often, from several
   *     threads
   * @throws PublishException if the stream takes no records
   */
  public static KinesisPublisher open(
      KinesisStream stream, PublisherConfiguration configuration, LongSupplier remainingMillis) {
    RandomGenerator random = new SplittableRandom();
    StreamDescription description =
        StreamProbe.of(stream, remainingMillis, random, LockSupport::parkNanos);
    return new KinesisPublisher(
        stream,
        description,
        configuration,
        Pacing.DEFAULT,
        remainingMillis,
        System::nanoTime,
        random);
  }

  /** What the stream was like when the publisher was opened. */
  public StreamDescription description() {
    return description;
  }

  /** The most bytes a change's payload and its partition key in UTF-8 may have together. */
  public int maxRecordBytes() {
    return description.maxRecordBytes() - Lanes.packingOverhead(packing);
  }

  @Override
  public void publish(StreamRecord record) {
    int size = checkedSize(record);
    senders.add(record, size, (long) size + heldWithIt);
  }

  private int checkedSize(StreamRecord record) {
    String key = record.partitionKey();
    int keyCharacters = key.codePointCount(0, key.length());
    if (keyCharacters < 1 || keyCharacters > Limits.KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "expected a partition key of 1 to "
              + Limits.KEY_CHARACTERS
              + " characters, found "
              + keyCharacters);
    }
    long size = (long) record.payload().length + Utf8.length(key);
    if (size > maxRecordBytes()) {
      throw new PublishException(
          Code.RECORD_TOO_LARGE,
          "the change "
              + record.ordinal()
              + " of the transaction that ends at "
              + record.commitLsn()
              + " has "
              + size
              + " bytes with its key, the stream takes "
              + maxRecordBytes(),
          null);
    }
    return (int) size;
  }

  @Override
  public void flush() {
    senders.flush();
  }

  @Override
  public long acknowledged() {
    return senders.look(lanes::acknowledged);
  }

  @Override
  public Totals totals() {
    return senders.look(lanes::totals);
  }

  @Override
  public void close() {
    senders.close();
  }
}

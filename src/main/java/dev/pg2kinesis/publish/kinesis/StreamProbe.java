package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.Failure;
import dev.pg2kinesis.publish.KinesisQuota;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Describes a stream before anything is sent to it, and retries until the run's deadline. The SDK's
 * own retries would not do: its throttled calls end after a number of attempts, its pauses ignore
 * the deadline, and a client has one retry strategy, which for {@code PutRecords} is none.
 */
final class StreamProbe {

  private StreamProbe() {}

  /**
   * Describes a stream.
   *
   * @param remainingMillis the time that is left
   * @return {@link StreamDescription#unknown} if the role may not describe the stream
   * @throws PublishException if the stream takes no records, or Kinesis does not describe it
   */
  static StreamDescription of(
      KinesisStream stream, LongSupplier remainingMillis, RandomGenerator random, Pause pause) {
    for (int failures = 1; ; failures++) {
      try {
        return checked(stream.address(), stream.describe());
      } catch (SdkException e) {
        Failure failure = CallFailures.of(e);
        if (failure.code() == Code.STREAM_ACCESS_DENIED) {
          return StreamDescription.unknown(stream.address());
        }
        if (failures >= failure.attempts()) {
          throw failure.toException();
        }
        long nanos = Pacing.DEFAULT.call().pauseNanos(failures, random);
        if (TimeUnit.NANOSECONDS.toMillis(nanos) >= remainingMillis.getAsLong()) {
          throw new PublishException(Code.DEADLINE, failure.reason(), null);
        }
        pause.sleep(nanos);
      }
    }
  }

  static StreamDescription checked(StreamAddress address, StreamDescriptionSummary stream) {
    if (stream.streamStatus() == StreamStatus.DELETING) {
      throw new PublishException(
          Code.STREAM_MISSING, "the stream " + address.name() + " is being deleted", null);
    }
    if (stream.streamStatus() == StreamStatus.CREATING) {
      throw new PublishException(
          Code.STREAM_FAILED,
          "the stream " + address.name() + " is still being created; the next run will find it",
          null);
    }
    return new StreamDescription(
        address.name(),
        orUnknown(stream.streamStatusAsString()),
        stream.streamModeDetails() == null
            ? StreamDescription.UNKNOWN
            : orUnknown(stream.streamModeDetails().streamModeAsString()),
        stream.openShardCount() == null ? 0 : stream.openShardCount(),
        stream.maxRecordSizeInKiB() == null
            ? KinesisQuota.DEFAULT_RECORD_BYTES
            : stream.maxRecordSizeInKiB() << 10,
        orUnknown(stream.encryptionTypeAsString()),
        stream.streamARN());
  }

  private static String orUnknown(@Nullable String text) {
    return text == null ? StreamDescription.UNKNOWN : text;
  }

  /** Sleeps, except in a test. */
  interface Pause {
    void sleep(long nanos);
  }
}

package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.publish.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamProbeTest {

  private final FakeKinesis kinesis = FakeKinesis.start();
  private final List<Long> pauses = new ArrayList<>();
  private long remainingMillis = 60_000;

  @AfterEach
  void stop() {
    kinesis.close();
  }

  private StreamDescription describe(String address) {
    try (KinesisStream stream = PublisherAgainstFake.stream(kinesis, address)) {
      return StreamProbe.of(
          stream,
          () -> remainingMillis,
          new SplittableRandom(1),
          nanos -> {
            pauses.add(nanos);
            remainingMillis -= TimeUnit.NANOSECONDS.toMillis(nanos);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"s", "arn:aws:kinesis:us-east-1:000000000000:stream/s"})
  void aStreamIsDescribedByNameAndByArn(String address) {
    kinesis.createStream("s", 3, new FakeStream.Settings(0, 10 << 20, false));

    assertThat(describe(address))
        .isEqualTo(
            new StreamDescription(
                "s",
                "ACTIVE",
                "PROVISIONED",
                3,
                10 << 20,
                "NONE",
                "arn:aws:kinesis:us-east-1:000000000000:stream/s"));
  }

  @Test
  void theClientComesFromTheSdksOwnSettings() {
    kinesis.createStream("s", 1);
    Map<String, String> settings =
        Map.of(
            "aws.region", "us-east-1",
            "aws.accessKeyId", "test",
            "aws.secretAccessKey", "test",
            "aws.endpointUrlKinesis", kinesis.endpoint().toString());
    settings.forEach(System::setProperty);
    try (KinesisStream stream = KinesisStream.at(new StreamAddress("s"))) {
      assertThat(stream.describe().streamName()).isEqualTo("s");
    } finally {
      settings.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void aStreamThatMayNotBeDescribedIsTakenForAnOrdinaryOne() {
    kinesis.refuse("DescribeStreamSummary", CallFault.refuse(400, "AccessDeniedException"));

    assertThat(describe("s"))
        .isEqualTo(new StreamDescription("s", "UNKNOWN", "UNKNOWN", 0, 1 << 20, "UNKNOWN", null));
  }

  @ParameterizedTest
  @CsvSource({"CREATING, STREAM_FAILED", "DELETING, STREAM_MISSING"})
  void aStreamThatTakesNoRecordsIsRefused(String status, String code) {
    kinesis.createStream("s", 1).setStatus(status);

    assertThatThrownBy(() -> describe("s")).hasMessageStartingWith(code + ": the stream s is");
  }

  @Test
  void aStreamThatIsBeingReshardedIsTaken() {
    kinesis.createStream("s", 1).setStatus("UPDATING");

    assertThat(describe("s").status()).isEqualTo("UPDATING");
  }

  @Test
  void aStreamThatIsNotThereIsMissing() {
    assertThatThrownBy(() -> describe("s")).hasMessageStartingWith("STREAM_MISSING");
  }

  @Test
  void isAskedAgainWithGrowingPausesWhileKinesisIsDown() {
    kinesis.refuse("DescribeStreamSummary", CallFault.refuse(503, "ServiceUnavailable"));

    assertThatThrownBy(() -> describe("s"))
        .hasMessageStartingWith("STREAM_UNREACHABLE: ServiceUnavailable");
    assertThat(pauses).hasSize(Failure.SEVERAL - 1);
  }

  @Test
  void isNotAskedBeyondTheDeadline() {
    remainingMillis = 2_000;
    kinesis.refuse("DescribeStreamSummary", CallFault.refuse(400, "LimitExceededException"));

    assertThatThrownBy(() -> describe("s"))
        .hasMessageStartingWith("DEADLINE: LimitExceededException");
    assertThat(remainingMillis).isPositive();
  }
}

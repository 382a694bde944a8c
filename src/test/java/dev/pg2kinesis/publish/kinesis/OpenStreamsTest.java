package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.RoutedPublisher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OpenStreamsTest {

  private static final String ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/";

  private final FakeKinesis kinesis = FakeKinesis.start();
  private final List<KinesisStream> opened = new ArrayList<>();

  @AfterEach
  void stop() {
    opened.forEach(KinesisStream::close);
    kinesis.close();
  }

  private OpenStreams open(String... addresses) {
    return open(PublisherConfiguration.defaults(), addresses);
  }

  private OpenStreams open(PublisherConfiguration configuration, String... addresses) {
    KinesisStream first = PublisherAgainstFake.stream(kinesis, addresses[0]);
    List<KinesisStream> streams = new ArrayList<>();
    for (String address : addresses) {
      streams.add(streams.isEmpty() ? first : first.other(new StreamAddress(address)));
    }
    opened.addAll(streams);
    return OpenStreams.open(streams, configuration, () -> 60_000);
  }

  private static StreamRecord record(int number, int stream) {
    return new StreamRecord(
        "k", Integer.toString(number).getBytes(StandardCharsets.UTF_8), new Lsn(1), number, stream);
  }

  private List<String> observe(String stream) {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    kinesis.createStream(stream, 2).observe(delivery -> seen.add(text(delivery)));
    return seen;
  }

  private static String text(Delivery delivery) {
    return new String(delivery.data(), StandardCharsets.UTF_8);
  }

  @Test
  void oneStreamHasThePublisherThatItAlwaysHad() {
    kinesis.createStream("a", 1);
    try (OpenStreams streams = open("a")) {
      assertThat(streams.publisher()).isExactlyInstanceOf(KinesisPublisher.class);
      assertThat(streams.publisher().totals().streams()).isEmpty();
    }
  }

  @Test
  void eachStreamHasItsOwnLimit() {
    kinesis.createStream("a", 1);
    kinesis.createStream("b", 1, new FakeStream.Settings(0, 10 << 20, true));
    try (OpenStreams streams = open("a", "b", ARN + "a")) {
      assertThat(streams.publisher()).isInstanceOf(RoutedPublisher.class);
      assertThat(streams.maxRecordBytes()).containsExactly(1 << 20, 10 << 20, 1 << 20);
    }
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void recordsArriveInOrderAndAllAreAcknowledged(Packing packing) {
    List<String> a = observe("a");
    List<String> b = observe("b");
    try (OpenStreams streams =
        open(PublisherConfiguration.defaults().withPacking(packing), "a", "b", ARN + "a")) {
      for (int i = 0; i < 3_000; i++) {
        streams.publisher().publish(record(i, i % 3));
      }
      streams.publisher().flush();
      assertThat(streams.publisher().acknowledged()).isEqualTo(3_000);
      assertThat(streams.publisher().totals().streams()).containsOnlyKeys("a", "b");
    }
    if (packing == Packing.NONE) {
      assertThat(firsts(a)).hasSize(2_000).isSortedAccordingTo(OpenStreamsTest::byNumber);
      assertThat(firsts(b)).hasSize(1_000).isSortedAccordingTo(OpenStreamsTest::byNumber);
    } else {
      assertThat(a).isNotEmpty();
      assertThat(b).isNotEmpty();
    }
  }

  /** First deliveries: on a busy machine a request may time out and be repeated. */
  private static List<String> firsts(List<String> seen) {
    return seen.stream().distinct().toList();
  }

  private static int byNumber(String one, String other) {
    return Integer.compare(Integer.parseInt(one), Integer.parseInt(other));
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    kinesis.createStream("a", 1);
    kinesis.createStream("deleting", 1).setStatus("DELETING");

    assertThatThrownBy(() -> open("a", "gone", "deleting", "away"))
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith("STREAM_MISSING: stream gone: ResourceNotFoundException")
        .hasMessageContaining("; stream deleting: the stream deleting is being deleted")
        .hasMessageContaining("; stream away: ResourceNotFoundException");
  }

  @Test
  void whatIsRefusedNamesItsStream() {
    kinesis.createStream("a", 1);
    kinesis.createStream("b", 1);
    kinesis.setFaults("b", () -> CallFault.refuse(400, "AccessDeniedException"));
    try (OpenStreams streams = open("a", "b")) {
      streams.publisher().publish(record(0, 0));
      streams.publisher().publish(record(1, 1));
      streams.publisher().publish(record(2, 0));

      assertThatThrownBy(streams.publisher()::flush)
          .isInstanceOf(PublishException.class)
          .hasMessageStartingWith("STREAM_ACCESS_DENIED: stream b: AccessDeniedException");
      assertThat(streams.publisher().acknowledged()).isEqualTo(1);
      assertThatThrownBy(() -> publishUntilItFails(streams))
          .hasMessageStartingWith("STREAM_ACCESS_DENIED: stream b: ");
    }
  }

  private static void publishUntilItFails(OpenStreams streams) {
    for (int i = 3; i < 1_000; i++) {
      streams.publisher().publish(record(i, 0));
    }
  }

  @Test
  void whatNoRoleMayDescribeIsTheSameStreamOnlyIfItIsSpelledTheSame() {
    kinesis.createStream("a", 1);
    kinesis.createStream("b", 1);
    kinesis.refuse("DescribeStreamSummary", CallFault.refuse(400, "AccessDeniedException"));

    try (OpenStreams streams = open("a", "b", ARN + "c")) {
      assertThat(streams.maxRecordBytes()).hasSize(3);
    }
    assertThatThrownBy(() -> open("a", "b", ARN + "b"))
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith("STREAM_ACCESS_DENIED: stream b and stream " + ARN + "b")
        .hasMessageContaining("kinesis:DescribeStreamSummary");
  }

  @Test
  void theSameNameInTwoAccountsIsTwoStreams() {
    kinesis.createStream("a", 1);
    String other = "arn:aws:kinesis:us-east-1:999999999999:stream/a";

    assertThat(
            StreamIdentity.first(
                List.of(
                    new StreamAddress("a"), new StreamAddress(other), new StreamAddress(ARN + "a")),
                List.of(described(ARN + "a"), described(other), described(ARN + "a"))))
        .containsExactly(0, 1, 0);
  }

  private static StreamDescription described(String arn) {
    return new StreamDescription("a", "ACTIVE", "PROVISIONED", 1, 1 << 20, "NONE", arn);
  }

  /** A stream that has sent everything before its turn to be waited for fills its records again. */
  @Test
  void afterAFlushRecordsArePackedAsBefore() {
    kinesis.createStream("a", 1);
    kinesis.createStream("b", 1);
    try (OpenStreams streams =
        open(PublisherConfiguration.defaults().withPacking(Packing.LINES), "a", "b")) {
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 200; i++) {
          streams.publisher().publish(record(i, i % 2));
        }
        streams.publisher().flush();
      }
      assertThat(streams.publisher().totals().records()).isEqualTo(2 * 5);
    }
  }

  /** What one stream does not take fills its own share of memory and no other's. */
  @Test
  void aThrottledStreamLeavesTheOthersTheirShare() {
    List<String> a = observe("a");
    kinesis.createStream("b", 1);
    kinesis.setFaults("b", throttled());
    try (OpenStreams streams =
        open(PublisherConfiguration.defaults().withMaxPendingBytes(100_000), "a", "b")) {
      streams.publisher().publish(record(0, 1));
      for (int i = 1; i < 2_000; i++) {
        streams.publisher().publish(record(i, 0));
      }
      assertThat(streams.publisher().acknowledged()).isZero();
      kinesis.setFaults("b", Faults.NONE);
      streams.publisher().flush();
      assertThat(streams.publisher().acknowledged()).isEqualTo(2_000);
    }
    assertThat(firsts(a)).hasSize(1_999).isSortedAccordingTo(OpenStreamsTest::byNumber);
  }

  private static Faults throttled() {
    return new Faults() {
      @Override
      public CallFault nextCall() {
        return CallFault.NONE;
      }

      @Override
      public String nextEntry() {
        return "ProvisionedThroughputExceededException";
      }
    };
  }
}

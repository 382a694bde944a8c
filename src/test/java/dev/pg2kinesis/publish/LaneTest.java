package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entries are written as key and version: a1, a2, b1. */
final class LaneTest {

  private static final Pacing NO_PAUSES =
      new Pacing(new RetryPolicy(0, 0), new RetryPolicy(0, 0), 1, new Pacing.ShardQuota(1e9, 1e12));

  private static final long LATER = TimeUnit.SECONDS.toNanos(1);

  private static void add(Lane lane, String name) {
    add(lane, name.substring(0, 1), name.getBytes(StandardCharsets.UTF_8));
  }

  private static void add(Lane lane, String key, byte[] payload) {
    lane.add(new SingleChangePacker(0), new StreamRecord(key, payload, new Lsn(1), 0), 0, 0, 0);
  }

  private static String name(Entry entry) {
    return new String(entry.data(), StandardCharsets.UTF_8);
  }

  private static Lane lane(Ordering ordering, String entries) {
    Lane lane = new Lane(ordering, NO_PAUSES, new ShardMap(NO_PAUSES, 1), 0);
    for (String name : entries.split(" ", -1)) {
      add(lane, name);
    }
    return lane;
  }

  private static List<Entry> take(Lane lane) {
    List<Entry> request = new ArrayList<>();
    lane.take(request, KinesisQuota.REQUEST_RECORDS, KinesisQuota.REQUEST_BYTES, true, LATER);
    return request;
  }

  private static String names(List<Entry> entries) {
    return String.join(" ", entries.stream().map(LaneTest::name).toList());
  }

  /** The names of the entries that are acknowledged. */
  private static String settle(Lane lane, List<Entry> request, String fails) {
    boolean[] failed = new boolean[request.size()];
    for (int i = 0; i < failed.length; i++) {
      failed[i] = List.of(fails.split(" ", -1)).contains(name(request.get(i)));
    }
    List<Entry> done = new ArrayList<>();
    lane.settle(request, failed, 0, new Random(0), done);
    return names(done);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # queued       | fails | acknowledged   | goes again
          a1 a2 b1       | ''    | a1 a2 b1       | ''
          a1 a2 b1       | a1    | b1             | a1 a2
          a1 a2 b1       | a2    | a1 b1          | a2
          a1 b1 a2 b2 a3 | a2    | a1 b1 b2       | a2 a3
          a1 b1 a2 b2 a3 | a1 b2 | b1             | a1 a2 b2 a3
          """)
  void replaySendsAFailedRecordAndEveryLaterOneOfItsKeyAgainInOrder(
      String queued, String fails, String acknowledged, String again) {
    Lane lane = lane(Ordering.REPLAY, queued);
    List<Entry> request = take(lane);
    assertThat(names(request)).isEqualTo(queued);
    assertThat(settle(lane, request, fails)).isEqualTo(acknowledged);
    assertThat(names(take(lane))).isEqualTo(again);
  }

  @Test
  void aLaneIsInOneRequestAtATime() {
    Lane lane = lane(Ordering.REPLAY, "a1");
    List<Entry> request = take(lane);
    add(lane, "a2");

    assertThat(lane.isReady(LATER)).isFalse();

    settle(lane, request, "");
    assertThat(lane.isReady(LATER)).isTrue();
    assertThat(names(take(lane))).isEqualTo("a2");
  }

  @Test
  void strictKeepsAKeysNextRecordBackUntilTheEarlierIsAcknowledged() {
    Lane lane = lane(Ordering.STRICT, "a1 a2 a3 b1 b2 c1");

    List<Entry> first = take(lane);
    assertThat(names(first)).isEqualTo("a1 b1 c1");
    assertThat(settle(lane, first, "a1")).isEqualTo("b1 c1");

    List<Entry> second = take(lane);
    assertThat(names(second)).isEqualTo("a1 b2");
    assertThat(settle(lane, second, "")).isEqualTo("a1 b2");

    List<Entry> third = take(lane);
    assertThat(names(third)).isEqualTo("a2");
    settle(lane, third, "");
    add(lane, "a4");
    List<Entry> fourth = take(lane);
    assertThat(names(fourth)).isEqualTo("a3");
    settle(lane, fourth, "");
    assertThat(names(take(lane))).isEqualTo("a4");
  }

  @Test
  void aFailedCallLeavesTheOrderAsItWas() {
    Lane lane = lane(Ordering.REPLAY, "a1 a2 b1");
    List<Entry> request = take(lane);
    add(lane, "a3");
    Failure failure = new Failure(Failure.SEVERAL, PublishException.Code.STREAM_UNREACHABLE, "");

    assertThat(lane.callFailed(request, failure, 0, new Random(0))).isEqualTo(1);
    assertThat(names(take(lane))).isEqualTo("a1 a2 b1 a3");
  }

  @Test
  void failuresCountInARowAndThrottlingIsNone() {
    Lane lane = lane(Ordering.REPLAY, "a1");
    Failure failure = new Failure(Failure.SEVERAL, PublishException.Code.STREAM_UNREACHABLE, "");
    Failure throttled = new Failure(Failure.UNLIMITED, PublishException.Code.STREAM_FAILED, "");

    assertThat(lane.callFailed(take(lane), failure, 0, new Random(0))).isEqualTo(1);
    assertThat(lane.callFailed(take(lane), throttled, 0, new Random(0))).isZero();
    assertThat(lane.callFailed(take(lane), failure, 0, new Random(0))).isEqualTo(2);
    settle(lane, take(lane), "");
    add(lane, "a2");
    assertThat(lane.callFailed(take(lane), failure, 0, new Random(0))).isEqualTo(1);
  }

  @Test
  void aRecordLargerThanARequestIsFilledToGoesAlone() {
    Lane lane = new Lane(Ordering.REPLAY, NO_PAUSES, new ShardMap(NO_PAUSES, 1), 0);
    int large = KinesisQuota.REQUEST_BYTES + 1;
    add(lane, "a", new byte[0]);
    add(lane, "b", new byte[large - 1]);
    add(lane, "c", new byte[0]);

    for (String expected : new String[] {"a", "b", "c"}) {
      List<Entry> request = take(lane);
      assertThat(request).extracting(entry -> entry.partitionKey).containsExactly(expected);
      lane.settle(request, new boolean[1], 0, new Random(0), new ArrayList<>());
    }
  }
}

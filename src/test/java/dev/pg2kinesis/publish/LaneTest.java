package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entries are written as key and version: a1, a2, b1. */
final class LaneTest {

  private static final Pacing NO_PAUSES =
      new Pacing(new RetryPolicy(0, 0), new RetryPolicy(0, 0), 1);

  private static Entry entry(String name) {
    return Entry.single(name.substring(0, 1), name.getBytes(StandardCharsets.UTF_8), 2, 0, 0);
  }

  private static String name(Entry entry) {
    return new String(entry.bytes, StandardCharsets.UTF_8);
  }

  private static Lane lane(Ordering ordering, String entries) {
    Lane lane = new Lane(ordering, NO_PAUSES, 0);
    for (String name : entries.split(" ", -1)) {
      lane.add(entry(name));
    }
    return lane;
  }

  private static List<Entry> take(Lane lane) {
    List<Entry> request = new ArrayList<>();
    lane.take(request, Limits.REQUEST_RECORDS, Limits.REQUEST_BYTES);
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
  void replay_sends_a_failed_record_and_every_later_one_of_its_key_again_in_order(
      String queued, String fails, String acknowledged, String again) {
    Lane lane = lane(Ordering.REPLAY, queued);
    List<Entry> request = take(lane);
    assertThat(names(request)).isEqualTo(queued);
    assertThat(settle(lane, request, fails)).isEqualTo(acknowledged);
    // As many as were accepted, and a quarter more, fit into the next request.
    List<Entry> next = take(lane);
    assertThat(again).startsWith(names(next));
    assertThat(names(next).isEmpty()).isEqualTo(again.isEmpty());
  }

  @Test
  void a_lane_is_in_one_request_at_a_time() {
    Lane lane = lane(Ordering.REPLAY, "a1");
    List<Entry> request = take(lane);
    lane.add(entry("a2"));

    assertThat(lane.isReady(0)).isFalse();

    settle(lane, request, "");
    assertThat(lane.isReady(0)).isTrue();
    assertThat(names(take(lane))).isEqualTo("a2");
  }

  @Test
  void strict_keeps_a_keys_next_record_back_until_the_earlier_is_acknowledged() {
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
    lane.add(entry("a4"));
    List<Entry> fourth = take(lane);
    assertThat(names(fourth)).isEqualTo("a3");
    settle(lane, fourth, "");
    assertThat(names(take(lane))).isEqualTo("a4");
  }

  @Test
  void a_failed_call_leaves_the_order_as_it_was() {
    Lane lane = lane(Ordering.REPLAY, "a1 a2 b1");
    List<Entry> request = take(lane);
    lane.add(entry("a3"));
    Failure failure = new Failure(Failure.SEVERAL, PublishException.Code.STREAM_UNREACHABLE, "");

    assertThat(lane.failed(request, failure, 0, new Random(0))).isEqualTo(1);
    assertThat(names(take(lane))).isEqualTo("a1 a2 b1 a3");
  }

  @Test
  void failures_count_in_a_row_and_throttling_is_none() {
    Lane lane = lane(Ordering.REPLAY, "a1");
    Failure failure = new Failure(Failure.SEVERAL, PublishException.Code.STREAM_UNREACHABLE, "");
    Failure throttled = new Failure(Failure.UNLIMITED, PublishException.Code.STREAM_FAILED, "");

    assertThat(lane.failed(take(lane), failure, 0, new Random(0))).isEqualTo(1);
    assertThat(lane.failed(take(lane), throttled, 0, new Random(0))).isZero();
    assertThat(lane.failed(take(lane), failure, 0, new Random(0))).isEqualTo(2);
    settle(lane, take(lane), "");
    lane.add(entry("a2"));
    assertThat(lane.failed(take(lane), failure, 0, new Random(0))).isEqualTo(1);
  }

  @Test
  void a_throttled_lane_pauses_and_then_offers_little_more_than_was_accepted() {
    Lane lane =
        new Lane(
            Ordering.REPLAY, new Pacing(new RetryPolicy(100, 100), new RetryPolicy(0, 0), 1), 0);
    for (int i = 0; i < 400; i++) {
      lane.add(Entry.single("k" + i, new byte[0], 4, 0, i));
    }
    List<Entry> request = take(lane);
    boolean[] failed = new boolean[request.size()];
    Arrays.fill(failed, 100, failed.length, true);

    lane.settle(request, failed, 0, new Random(0), new ArrayList<>());

    assertThat(lane.readyAtNanos()).isPositive();
    assertThat(lane.isReady(0)).isFalse();
    assertThat(lane.isReady(100_000_000)).isTrue();
    assertThat(take(lane)).hasSize(126);
  }

  @Test
  void a_record_larger_than_a_request_is_filled_to_goes_alone() {
    Lane lane = new Lane(Ordering.REPLAY, NO_PAUSES, 0);
    int large = Limits.REQUEST_BYTES + 1;
    lane.add(Entry.single("a", new byte[0], 1, 0, 0));
    lane.add(Entry.single("b", new byte[0], large, 0, 1));
    lane.add(Entry.single("c", new byte[0], 1, 0, 2));

    for (String expected : new String[] {"a", "b", "c"}) {
      List<Entry> request = take(lane);
      assertThat(request).extracting(entry -> entry.partitionKey).containsExactly(expected);
      lane.settle(request, new boolean[1], 0, new Random(0), new ArrayList<>());
    }
  }
}

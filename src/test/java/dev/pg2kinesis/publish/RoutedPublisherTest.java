package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutedPublisherTest {

  private static final int SHARE = 1_000;

  private final Map<String, Hand> hands = new LinkedHashMap<>();
  private final List<String> calls = new ArrayList<>();

  private RoutedPublisher publisher(int streams) {
    List<Integer> route = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      hands.put("s" + i, new Hand("s" + i));
      route.add(i);
    }
    return new RoutedPublisher(hands, route, SHARE);
  }

  private Hand hand(int stream) {
    return Objects.requireNonNull(hands.get("s" + stream));
  }

  private static StreamRecord record(int stream, int bytes) {
    return new StreamRecord("k", new byte[bytes - 1], new Lsn(1), 0, stream);
  }

  /** The count is that of the longest prefix over all streams, whatever is acknowledged when. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void acknowledgedIsTheLongestPrefixOverAllStreams(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int streams = random.nextInt(2, 6);
    RoutedPublisher publisher = publisher(streams);
    List<Integer> taken = new ArrayList<>();
    for (int step = 0; step < 2_000; step++) {
      if (random.nextInt(3) > 0) {
        int stream = random.nextInt(streams);
        publisher.publish(record(stream, 10));
        taken.add(stream);
      } else {
        Hand hand = hand(random.nextInt(streams));
        hand.acknowledged += random.nextLong(hand.taken - hand.acknowledged + 1);
      }
      long[] left = new long[streams];
      for (int i = 0; i < streams; i++) {
        left[i] = hand(i).acknowledged;
      }
      int prefix = 0;
      while (prefix < taken.size() && left[taken.get(prefix)]-- > 0) {
        prefix++;
      }
      assertThat(publisher.acknowledged()).isEqualTo(prefix);
    }
  }

  @Test
  void eachRecordGoesToItsStreamAndSpellingsOfOneStreamShareAPublisher() {
    hands.put("s0", new Hand("s0"));
    hands.put("s1", new Hand("s1"));
    RoutedPublisher publisher = new RoutedPublisher(hands, List.of(0, 1, 0), SHARE);
    publisher.publish(record(0, 10));
    publisher.publish(record(1, 10));
    publisher.publish(record(2, 10));

    assertThat(hand(0).taken).isEqualTo(2);
    assertThat(hand(1).taken).isEqualTo(1);
    publisher.flush();
    assertThat(publisher.acknowledged()).isEqualTo(3);
    assertThat(publisher.totals())
        .isEqualTo(
            new Publisher.Totals(
                3,
                0,
                0,
                Map.of("s0", new Publisher.Totals(2, 0, 0), "s1", new Publisher.Totals(1, 0, 0))));
    assertThat(publisher.totals().byStream().get("s0"))
        .isEqualTo(Map.of("records", 2L, "bytes", 0L, "retriedRecords", 0L));
  }

  /** Or the order of what is acknowledged would need memory without bound. */
  @Test
  void noStreamRunsFurtherAheadOfAnotherThanItMay() {
    RoutedPublisher publisher = publisher(2);
    publisher.publish(record(1, 10));
    for (int i = 1; i < RoutedPublisher.RUN_AHEAD; i++) {
      publisher.publish(record(0, 10));
      hand(0).acknowledged++;
    }
    assertThat(publisher.acknowledged()).isZero();
    assertThat(calls).isEmpty();

    publisher.publish(record(0, 10));

    assertThat(calls).containsExactly("flush s1");
    assertThat(publisher.acknowledged()).isEqualTo(RoutedPublisher.RUN_AHEAD);
    for (int i = 0; i < 3 * RoutedPublisher.RUN_AHEAD; i++) {
      publisher.publish(record(i & 1, 10));
      hand(0).acknowledged = hand(0).taken;
      hand(1).acknowledged = hand(1).taken;
    }
    assertThat(calls).hasSize(1); // what is acknowledged in time is not waited for
    assertThat(publisher.acknowledged()).isEqualTo(4L * RoutedPublisher.RUN_AHEAD + 1);
  }

  @Test
  void aStreamThatDoesNotGetOnEndsTheRunAheadOfIt() {
    RoutedPublisher publisher = publisher(2);
    publisher.publish(record(1, 10));
    hand(1).failWith = Code.DEADLINE;

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 2 * RoutedPublisher.RUN_AHEAD; i++) {
                publisher.publish(record(0, 10));
                hand(0).acknowledged++;
              }
            })
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith("DEADLINE: stream s1: ");
    assertThat(hand(0).taken).isEqualTo(RoutedPublisher.RUN_AHEAD - 1);
    assertThat(publisher.acknowledged()).isZero();
  }

  @Test
  void aRecordLargerThanAStreamsShareWaitsUntilNothingElseDoes() {
    RoutedPublisher publisher = publisher(3);
    publisher.publish(record(0, 10));
    publisher.publish(record(1, 10));
    publisher.publish(record(2, SHARE));
    assertThat(calls).isEmpty();
    publisher.publish(record(2, SHARE + 1));

    assertThat(calls)
        .containsExactly("urge s0", "urge s1", "urge s2", "flush s0", "flush s1", "flush s2");
    assertThat(publisher.acknowledged()).isEqualTo(3);
  }

  @Test
  void aFailureNamesItsStreamAndTheOthersAreFlushedAllTheSame() {
    RoutedPublisher publisher = publisher(3);
    publisher.publish(record(0, 10));
    publisher.publish(record(1, 10));
    publisher.publish(record(2, 10));
    publisher.publish(record(0, 10));
    hand(1).failWith = Code.STREAM_MISSING;

    assertThatThrownBy(publisher::flush)
        .isInstanceOf(PublishException.class)
        .hasMessage("STREAM_MISSING: stream s1: as told");
    assertThat(hand(2).acknowledged).isEqualTo(1);
    assertThat(publisher.acknowledged()).isEqualTo(1);
  }

  @Test
  void aFailureSaysMoreThanThatTimeIsUp() {
    RoutedPublisher publisher = publisher(3);
    hand(0).failWith = Code.DEADLINE;
    hand(1).failWith = Code.STREAM_ACCESS_DENIED;
    hand(2).failWith = Code.DEADLINE;

    assertThatThrownBy(publisher::flush)
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith("STREAM_ACCESS_DENIED: stream s1: ");
    hand(1).failWith = null;
    assertThatThrownBy(publisher::flush)
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith("DEADLINE: stream s0: ");
  }

  /** What is sent after a stream has failed is sent again by the next run. */
  @Test
  void littleIsTakenAfterAStreamHasFailed() {
    RoutedPublisher publisher = publisher(2);
    publisher.publish(record(0, 10));
    hand(1).failure = new PublishException(Code.STREAM_MISSING, "gone", null);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                publisher.publish(record(0, 10));
              }
            })
        .isInstanceOf(PublishException.class)
        .hasMessage("STREAM_MISSING: stream s1: gone");
    assertThat(hand(0).taken).isLessThanOrEqualTo(64);
  }

  /** A failure of the run, such as a lost lock, ends it at once and is not of a stream. */
  @Test
  void whatIsNotOfAStreamIsThrownAsItIs() {
    RoutedPublisher publisher = publisher(2);
    IllegalStateException lost = new IllegalStateException("the lock");
    hand(0).thrown = lost;

    assertThatThrownBy(publisher::flush).isSameAs(lost);
    assertThat(calls).containsExactly("urge s0", "urge s1", "flush s0");
  }

  @Test
  void allStopBeforeOneIsWaitedFor() {
    publisher(2).close();

    assertThat(calls).containsExactly("stop s0", "stop s1", "close s0", "close s1");
  }

  /** A stream whose acknowledgements are made by hand, or by flushing. */
  private final class Hand implements StreamPublisher {

    private final String name;
    long taken;
    long acknowledged;
    @Nullable Code failWith;
    @Nullable PublishException failure;
    @Nullable RuntimeException thrown;

    Hand(String name) {
      this.name = name;
    }

    @Override
    public void publish(StreamRecord record) {
      taken++;
    }

    @Override
    public void urge() {
      calls.add("urge " + name);
    }

    @Override
    public void flush() {
      calls.add("flush " + name);
      if (thrown != null) {
        throw thrown;
      }
      if (failWith != null) {
        throw new PublishException(failWith, "as told", null);
      }
      acknowledged = taken;
    }

    @Override
    public long acknowledged() {
      return acknowledged;
    }

    @Override
    public @Nullable PublishException failure() {
      return failure;
    }

    @Override
    public Totals totals() {
      return new Totals(acknowledged, 0, 0);
    }

    @Override
    public void stop() {
      calls.add("stop " + name);
    }

    @Override
    public void close() {
      calls.add("close " + name);
    }
  }
}

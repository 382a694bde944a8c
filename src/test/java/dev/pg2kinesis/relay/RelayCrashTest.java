package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The invariants I1, I2 and I6 at every point where a run can die. */
public class RelayCrashTest {

  private final FakeWorld world = new FakeWorld();

  static Stream<Arguments> deaths() {
    return Stream.of(Life.Point.values())
        .flatMap(point -> IntStream.range(0, 6).mapToObj(pass -> Arguments.of(point, pass)));
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void losesNothingWhereverARunDies(Life.Point point, int passes) {
    List<Lsn> commits = world.someTransactions();
    Life life = Life.endingAt(point, passes);
    RunReport.Outcome outcome = null;
    try {
      outcome = world.process(life).window(4, 1 << 20).poll().outcome();
    } catch (Life.Death e) {
      assertThat(life.ended()).isTrue();
    }

    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);

    RunReport next = world.process(Life.unlimited()).window(4, 1 << 20).poll();

    assertThat(next.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(outcome == null).isEqualTo(life.ended());
    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);
    assertI2OrderOfEachKey();
    assertI6ReplaysAreIdentical();
    assertThat(world.identities()).hasSize(16);
    assertThat(world.slot.confirmed()).isEqualTo(world.slot.flush());
    assertThat(world.poll().counts().published().records()).isZero();
  }

  private void assertI1AdvancedOnlyOverWhatIsAcknowledged(List<Lsn> commits) {
    Set<String> delivered = world.identities();
    for (Lsn commit : commits) {
      if (commit.compareTo(world.slot.confirmed()) <= 0) {
        assertThat(delivered).contains(commit + ":0", commit + ":1");
      }
    }
  }

  /** Dropping what is not newer than the newest seen of a key leaves the order of the source. */
  private void assertI2OrderOfEachKey() {
    Map<String, List<String>> seen = new HashMap<>();
    Map<String, Lsn> newest = new HashMap<>();
    for (StreamRecord r : world.stream) {
      Lsn known = newest.get(r.partitionKey());
      if (known == null || r.commitLsn().isAfter(known)) {
        newest.put(r.partitionKey(), r.commitLsn());
        seen.computeIfAbsent(r.partitionKey(), key -> new ArrayList<>())
            .add(new String(r.payload(), UTF_8));
      }
    }
    assertThat(seen).hasSize(4);
    seen.values().forEach(versions -> assertThat(versions).hasSize(4).isSorted());
  }

  private void assertI6ReplaysAreIdentical() {
    Map<String, String> first = new HashMap<>();
    for (StreamRecord r : world.stream) {
      String text = r.partitionKey() + " " + new String(r.payload(), UTF_8);
      assertThat(first.merge(r.commitLsn() + ":" + r.ordinal(), text, (a, b) -> a)).isEqualTo(text);
    }
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void theSlotIsNeverAheadOfTheWatermarkWhereverARunDies(Life.Point point, int passes) {
    world.someTransactions();
    FakeWatermark.Parameter parameter = world.withWatermark();
    Life life = Life.endingAt(point, passes);
    try {
      world.process(life).window(4, 1 << 20).poll();
    } catch (Life.Death e) {
      assertThat(life.ended()).isTrue();
    }

    assertThat(world.slot.confirmed()).isLessThanOrEqualTo(parameter.moved);

    world.process(Life.unlimited()).window(4, 1 << 20).poll();

    assertThat(world.identities()).hasSize(16);
    assertThat(parameter.moved).isEqualTo(world.slot.confirmed());
  }
}

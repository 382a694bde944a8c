package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.Destinations;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.Routes;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.RoutedPublisher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The invariants I1 and I2 over two streams, each with half of every transaction, wherever a run
 * dies and whatever becomes of one of the streams.
 */
class RoutedCrashTest {

  private final RoutedWorld world = new RoutedWorld();

  /** Rows with an even number go to the default stream, the others to the second one. */
  private static final class RoutedWorld extends FakeWorld {

    final List<StreamRecord> second = new ArrayList<>();
    FakePublisher.Script secondScript = FakePublisher.Script.NOTHING;

    @Override
    Publisher publisher(Life life) {
      Map<String, FakePublisher> publishers = new LinkedHashMap<>();
      publishers.put("first", new FakePublisher(stream, life, script));
      publishers.put("second", new FakePublisher(second, life, secondScript));
      return new RoutedPublisher(publishers, List.of(0, 1), 1 << 20);
    }

    @Override
    RecordMaker records() {
      return AllChanges.to(
          new Destinations(Routes.parse("public.u: second", "first"), List.of(1 << 20, 1 << 20)),
          Format.CSV);
    }

    @Override
    String tableOf(int id) {
      return id % 2 == 0 ? "t" : "u";
    }

    @Override
    Set<String> identities() {
      Set<String> identities = super.identities();
      second.forEach(r -> identities.add(identity(r)));
      return identities;
    }
  }

  static Stream<Arguments> deaths() {
    return Stream.of(Life.Point.values())
        .flatMap(point -> IntStream.range(0, 6).mapToObj(pass -> Arguments.of(point, pass)));
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void losesNothingWhereverARunDies(Life.Point point, int passes) {
    List<Lsn> commits = world.someTransactions();
    try {
      world.process(Life.endingAt(point, passes)).window(4, 1 << 20).poll();
    } catch (Life.Death e) {
      assertThat(e).isNotNull();
    }

    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);
    assertTheNextRunCompletes(commits);
  }

  static Stream<Arguments> failures() {
    return Stream.of(Code.DEADLINE, Code.STREAM_MISSING, Code.STREAM_ACCESS_DENIED)
        .flatMap(
            code ->
                Stream.of(true, false)
                    .flatMap(
                        first ->
                            IntStream.range(0, 8)
                                .mapToObj(after -> Arguments.of(code, first, after))));
  }

  /** Throttled for good, deleted, or forbidden, after some records. */
  @ParameterizedTest(name = "{0}, default stream {1}, after {2} records")
  @MethodSource("failures")
  void aStreamThatFailsHoldsTheSlotAtItsFirstRecord(Code code, boolean first, int after) {
    List<Lsn> commits = world.someTransactions();
    FakePublisher.Script failing = FakePublisher.Script.failing(code, after);
    world.script = first ? failing : FakePublisher.Script.NOTHING;
    world.secondScript = first ? FakePublisher.Script.NOTHING : failing;

    String end;
    try {
      end = world.process(Life.unlimited()).window(4, 1 << 20).poll().outcome().name();
    } catch (PublishException e) {
      end = e.code().name();
      assertThat(e).hasMessageContaining("stream " + (first ? "first" : "second") + ": ");
    } catch (TransactionTooLongException e) {
      end = "DEADLINE";
      assertThat(after).isZero();
    }

    assertThat(end).isEqualTo(code.name());
    // Each transaction has one record in each stream, so it is acknowledged up to the failing one.
    Lsn last = after == 0 ? null : commits.get(after - 1);
    assertThat(world.slot.advances.stream().reduce((a, b) -> b).orElse(null)).isEqualTo(last);
    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);
    assertTheNextRunCompletes(commits);
  }

  private void assertI1AdvancedOnlyOverWhatIsAcknowledged(List<Lsn> commits) {
    Set<String> delivered = world.identities();
    for (Lsn commit : commits) {
      if (commit.compareTo(world.slot.confirmed()) <= 0) {
        assertThat(delivered).contains(commit + ":0", commit + ":1");
      }
    }
  }

  private void assertTheNextRunCompletes(List<Lsn> commits) {
    world.script = FakePublisher.Script.NOTHING;
    world.secondScript = FakePublisher.Script.NOTHING;

    assertThat(world.process(Life.unlimited()).window(4, 1 << 20).poll().outcome())
        .isEqualTo(RunReport.Outcome.CAUGHT_UP);

    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);
    assertThat(world.slot.confirmed()).isEqualTo(world.slot.flush());
    assertThat(world.identities()).hasSize(16);
    assertI2OrderOfEachKey(world.stream, "public.t|");
    assertI2OrderOfEachKey(world.second, "public.u|");
    assertThat(world.poll().counts().published().records()).isZero();
  }

  private static void assertI2OrderOfEachKey(List<StreamRecord> stream, String table) {
    Map<String, List<String>> seen = new HashMap<>();
    Map<String, Lsn> newest = new HashMap<>();
    for (StreamRecord r : stream) {
      assertThat(r.partitionKey()).startsWith(table);
      Lsn known = newest.get(r.partitionKey());
      if (known == null || r.commitLsn().isAfter(known)) {
        newest.put(r.partitionKey(), r.commitLsn());
        seen.computeIfAbsent(r.partitionKey(), key -> new ArrayList<>())
            .add(new String(r.payload(), UTF_8));
      }
    }
    assertThat(seen).hasSize(2);
    seen.values().forEach(versions -> assertThat(versions).hasSize(4).isSorted());
  }
}

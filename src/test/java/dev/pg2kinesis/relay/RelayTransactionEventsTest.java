package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.watermark.ResumePoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A transaction is published once the event of its end is, through windows, deaths and resumes. */
class RelayTransactionEventsTest {

  private static final Pattern END = Pattern.compile("\"status\":\"END\".*?\"event_count\":(\\d+)");

  private final FakeWorld world = new FakeWorld();
  private final FakeSlot slot = world.slot;

  private RelayBuilder process(Life life) {
    return world.process(life).records(AllChanges.withTransactionEvents(Format.CSV));
  }

  private static boolean isEnd(StreamRecord r) {
    return new String(r.payload(), UTF_8).startsWith("{\"status\":\"END\"");
  }

  private List<StreamRecord> ends() {
    return world.stream.stream().filter(RelayTransactionEventsTest::isEnd).toList();
  }

  @Test
  void theSlotWaitsForTheEndOfATransaction() {
    Lsn first = slot.commit(1, 2);
    slot.commit(3);
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 4);

    RunReport report = process(Life.unlimited()).poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(world.stream).hasSize(4);
    assertThat(slot.confirmed()).isEqualTo(first);

    world.script = FakePublisher.Script.NOTHING;
    process(Life.unlimited()).poll();

    assertThat(slot.confirmed()).isEqualTo(slot.flush());
    assertThat(ends()).hasSize(2);
    assertThat(isEnd(world.stream.get(world.stream.size() - 1))).isTrue();
  }

  static Stream<Arguments> deaths() {
    return Stream.of(Life.Point.values())
        .flatMap(point -> IntStream.range(0, 6).mapToObj(pass -> Arguments.of(point, pass)));
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void eachTransactionEndsAfterItsRecordsWhereverARunDies(Life.Point point, int passes) {
    List<Lsn> commits = world.someTransactions();
    try {
      process(Life.endingAt(point, passes)).window(4, 1 << 20).poll();
    } catch (Life.Death e) {
      assertThat(slot.confirmed()).isLessThanOrEqualTo(slot.flush());
    }
    for (Lsn commit : commits) {
      if (commit.compareTo(slot.confirmed()) <= 0) {
        assertThat(ends()).extracting(StreamRecord::commitLsn).contains(commit);
      }
    }

    process(Life.unlimited()).window(4, 1 << 20).poll();

    assertThat(slot.confirmed()).isEqualTo(slot.flush());
    assertThat(ends()).extracting(StreamRecord::commitLsn).containsAll(commits);
    Map<Lsn, Set<Long>> before = new HashMap<>();
    Map<Lsn, String> bytes = new HashMap<>();
    for (StreamRecord r : world.stream) {
      Set<Long> ordinals = before.computeIfAbsent(r.commitLsn(), lsn -> new HashSet<>());
      if (isEnd(r)) {
        assertThat(ordinals).hasSize(2);
        String text = new String(r.payload(), UTF_8);
        assertThat(count(r)).isEqualTo(2);
        assertThat(r.ordinal()).isEqualTo(2);
        assertThat(bytes.merge(r.commitLsn(), text, (a, b) -> a)).isEqualTo(text);
      } else {
        ordinals.add(r.ordinal());
      }
    }
  }

  private static int count(StreamRecord end) {
    Matcher matcher = END.matcher(new String(end.payload(), UTF_8));
    assertThat(matcher.find()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  @Test
  void theEndOfATransactionLongerThanARunCountsAllOfIt() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    world.withWatermark();
    world.script = FakePublisher.Script.onPublish(() -> world.pass(100));

    RunReport report;
    int runs = 0;
    do {
      assertThat(ends()).isEmpty();
      report = process(Life.unlimited()).poll();
      runs++;
    } while (report.outcome() == RunReport.Outcome.DEADLINE);

    assertThat(runs).isEqualTo(3);
    assertThat(world.stream).hasSize(2_001);
    assertThat(ends()).singleElement().extracting(r -> count(r)).isEqualTo(2_000);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  /** Everything but the end is on the stream, and the watermark says so. */
  @Test
  void aResumedTransactionMayLackItsEndOnly() {
    slot.commit(1);
    slot.commit(IntStream.range(0, 254).toArray());
    FakeWatermark.Parameter parameter = world.withWatermark();
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 2 + 254);
    process(Life.unlimited()).poll();
    assertThat(world.stream).hasSize(256);
    assertThat(Objects.requireNonNull(parameter.resumePoint))
        .extracting(ResumePoint::changes)
        .isEqualTo(254L);

    world.script = FakePublisher.Script.NOTHING;
    process(Life.unlimited()).poll();

    assertThat(world.stream).hasSize(257);
    assertThat(count(world.stream.get(256))).isEqualTo(254);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }
}

package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.watermark.Watermark;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The invariants I1, I2 and I6, at every point a run can die, on a clock turned by hand. */
public class RelayTest {

  private static final long RUN_MILLIS = 60_000;
  private static final long RESERVE_MILLIS = 5_000;

  @TempDir Path directory;

  private final FakeSlot slot = new FakeSlot();
  private final List<StreamRecord> stream = new ArrayList<>();
  private long now = Instant.parse("2026-01-02T03:05:00Z").toEpochMilli();
  private long end;
  private Watermark watermark = Watermark.NONE;
  private FakePublisher publisher = new FakePublisher(stream, Life.unlimited());

  /**
   * A new process: what the last one held in memory is gone, slot and stream are as it left them.
   */
  private Relay relay(Life life, long windowRows, long windowWalBytes) {
    end = now + RUN_MILLIS;
    slot.life = life;
    FakePublisher next = new FakePublisher(stream, life);
    next.onPublish = publisher.onPublish;
    next.failWith = publisher.failWith;
    next.failAfter = publisher.failAfter;
    publisher = next;
    return new Relay(
        slot,
        catalog -> Decoders.of(Plugin.TEST_DECODING, catalog),
        AllChanges.in(Format.CSV),
        publisher,
        watermark,
        new Relay.Limits(windowRows, windowWalBytes, RESERVE_MILLIS, 1 << 20, directory),
        () -> end - now,
        () -> Instant.ofEpochMilli(now));
  }

  private Relay relay() {
    return relay(Life.unlimited(), 1_000, 1 << 20);
  }

  private static Stream<Arguments> deaths() {
    return Stream.of(Life.Point.values())
        .flatMap(point -> IntStream.range(0, 6).mapToObj(pass -> Arguments.of(point, pass)));
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void losesNothingWhereverARunDies(Life.Point point, int passes) {
    List<Lsn> commits = someTransactions();
    Life life = Life.endingAt(point, passes);
    RunReport.Outcome outcome = null;
    try {
      outcome = relay(life, 4, 1 << 20).poll().outcome();
    } catch (Life.Death e) {
      assertThat(life.ended()).isTrue();
    }

    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);

    RunReport next = relay(Life.unlimited(), 4, 1 << 20).poll();

    assertThat(next.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(outcome == null).isEqualTo(life.ended());
    assertI1AdvancedOnlyOverWhatIsAcknowledged(commits);
    assertI2OrderOfEachKey();
    assertI6ReplaysAreIdentical();
    assertThat(identities()).hasSize(16);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
    assertThat(relay().poll().records()).isZero();
  }

  /** Eight transactions of two changes; the rows 0 to 3, four times each. */
  private List<Lsn> someTransactions() {
    List<Lsn> commits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      commits.add(slot.commit(i % 4, (i + 1) % 4));
      slot.foreignWal(100);
    }
    return commits;
  }

  private void assertI1AdvancedOnlyOverWhatIsAcknowledged(List<Lsn> commits) {
    Set<String> delivered = identities();
    for (Lsn commit : commits) {
      if (commit.compareTo(slot.confirmed()) <= 0) {
        assertThat(delivered).contains(commit + ":0", commit + ":1");
      }
    }
  }

  private Set<String> identities() {
    Set<String> identities = new HashSet<>();
    stream.forEach(r -> identities.add(r.commitLsn() + ":" + r.ordinal()));
    return identities;
  }

  /** Dropping what is not newer than the newest seen of a key leaves the order of the source. */
  private void assertI2OrderOfEachKey() {
    Map<String, List<String>> seen = new HashMap<>();
    Map<String, Lsn> newest = new HashMap<>();
    for (StreamRecord r : stream) {
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
    for (StreamRecord r : stream) {
      String text = r.partitionKey() + " " + new String(r.payload(), UTF_8);
      assertThat(first.merge(r.commitLsn() + ":" + r.ordinal(), text, (a, b) -> a)).isEqualTo(text);
    }
  }

  @Test
  void rowsTakeNoMoreThanAQuarterOfTheHeap() {
    long setting = 64L << 20;
    assertThat(Relay.Limits.spillThreshold(setting, 870L << 20)).isEqualTo(setting);
    assertThat(Relay.Limits.spillThreshold(setting, 128L << 20)).isEqualTo(32L << 20);
  }

  @Test
  void reportsWhatItDid() {
    slot.commit(1, 2, 3);
    slot.foreignWal(500);
    Lsn from = slot.confirmed();

    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.transactions()).isEqualTo(1);
    assertThat(report.changes()).isEqualTo(3);
    assertThat(report.records()).isEqualTo(3);
    assertThat(report.fromLsn()).isEqualTo(from);
    assertThat(report.toLsn()).isEqualTo(slot.flush());
    assertThat(report.lagBytes()).isZero();
    assertThat(report.oldestPublishedAgeMs()).isEqualTo(54_321);
  }

  @Test
  void anIdleSlotIsNotPeeked() {
    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(slot.peekedUpTo).isEmpty();
    assertThat(slot.advances).isEmpty();
  }

  @Test
  void passesForeignWalInGrowingWindows() {
    slot.foreignWal(100 << 20);

    RunReport report = relay(Life.unlimited(), 1_000, 1 << 20).poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
    // The third reads nearly as much again as it drains, so the fourth is four times as large.
    assertThat(slot.peekedUpTo).hasSize(6); // 1 + 2 + 4 + 16 + 32 + 45 MiB
  }

  @Test
  void aPollStopsAtTheFlushLsnOfItsStart() {
    slot.commit(1);
    Lsn atStart = slot.flush();
    slot.onPeek = () -> slot.commit(2);

    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.records()).isEqualTo(1);
    assertThat(slot.confirmed()).isEqualTo(atStart);
    assertThat(report.lagBytes()).isPositive();
  }

  @Test
  void aDrainChasesNewChanges() {
    slot.commit(1);
    int[] more = {3};
    slot.onPeek =
        () -> {
          if (more[0]-- > 0) {
            slot.commit(2);
          }
        };

    RunReport report = relay().drain();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.records()).isEqualTo(4);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void aDrainDoesNotChaseWalThatHoldsNoChanges() {
    slot.commit(1);
    slot.onPeek = () -> slot.foreignWal(100);

    assertThat(relay().drain().outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(slot.peekedUpTo).hasSize(2);
  }

  @Test
  void aWindowCutByItsRowsIsAdvancedToItsLastCommitOnly() {
    Lsn first = slot.commit(1, 2, 3);
    slot.foreignWal(100);
    slot.commit(4);

    relay(Life.unlimited(), 3, 1 << 20).poll();

    assertThat(slot.advances).first().isEqualTo(first);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void stopsAtTheDeadlineAndKeepsWhatIsAcknowledged() {
    List<Lsn> commits = someTransactions();
    int[] taken = {0};
    publisher.onPublish =
        () -> {
          if (++taken[0] == 5) {
            now = end - RESERVE_MILLIS;
          }
        };

    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(report.transactions()).isEqualTo(3);
    assertThat(slot.confirmed()).isEqualTo(commits.get(2));

    publisher.onPublish = () -> {};
    assertThat(relay().poll().records()).isEqualTo(10);
    assertThat(stream).hasSize(16);
  }

  @Test
  void startsNothingWithoutTime() {
    slot.commit(1);
    Relay relay = relay();
    now = end - RESERVE_MILLIS;

    RunReport report = relay.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(slot.peekedUpTo).isEmpty();
  }

  @Test
  void aTransactionThatFitsNoRunIsAnError() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    publisher.onPublish = () -> now += 100;

    assertThatThrownBy(() -> relay().poll())
        .isInstanceOf(Relay.TransactionTooLongException.class)
        .hasMessageContaining(slot.flush().toString())
        .hasMessageContaining("WATERMARK_PARAMETER");
    assertThat(slot.advances).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishException.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "DEADLINE")
  void keepsWhatWasAcknowledgedBeforePublishingFailed(PublishException.Code code) {
    List<Lsn> commits = someTransactions();
    publisher.failWith = code;
    publisher.failAfter = 7;

    assertThatThrownBy(() -> relay().poll())
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith(code.name());

    assertThat(slot.confirmed()).isEqualTo(commits.get(2));
  }

  @Test
  void whatWasHandedOverBeforeARecordThatIsRefusedIsKept() {
    List<Lsn> commits = someTransactions();
    int[] taken = {0};
    publisher.onPublish =
        () -> {
          if (++taken[0] == 6) {
            throw new PublishException(
                PublishException.Code.STREAM_FAILED, "as the test wants", null);
          }
        };

    assertThatThrownBy(() -> relay().poll()).hasMessageStartingWith("STREAM_FAILED");

    assertThat(stream).hasSize(5);
    assertThat(slot.confirmed()).isEqualTo(commits.get(1));
  }

  @Test
  void isNotFailedByAPublisherOutOfTime() {
    List<Lsn> commits = someTransactions();
    publisher.failWith = PublishException.Code.DEADLINE;
    publisher.failAfter = 7;

    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(slot.confirmed()).isEqualTo(commits.get(2));
  }

  @Test
  void triesASmallerWindowAfterATimeout() {
    slot.commit(1);
    slot.foreignWal(10 << 20);
    slot.commit(2);
    slot.onPeek = () -> slot.timeoutsToCome = slot.peekedUpTo.size() == 2 ? 1 : 0;

    RunReport report = relay().poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(stream).hasSize(2);
    assertThat(slot.peekedRows.subList(0, 4)).containsExactly(1_000L, 2_000L, 4_000L, 2_000L);
  }

  @Test
  void aRunOfNothingButTimeoutsIsAnError() {
    slot.commit(1);
    slot.timeoutsToCome = Integer.MAX_VALUE;
    slot.onPeek = () -> now += 20_000;

    assertThatThrownBy(() -> relay().poll())
        .isInstanceOf(SlotException.class)
        .hasMessageStartingWith("PEEK_TIMEOUT");
  }

  @Test
  void unreadableInputStopsTheRunAfterWhatCameBefore() {
    Lsn before = slot.commit(1);
    Lsn garbled = slot.commit(2);
    slot.garble(garbled);
    slot.commit(3);

    assertThatThrownBy(() -> relay().poll())
        .hasMessageStartingWith("DECODE_FAILED")
        .hasMessageContaining("test_decoding")
        .hasMessageContaining("{\"action\":\"skip\",\"to\":\"" + garbled + "\"}");

    assertThat(slot.confirmed()).isEqualTo(before);
    assertThat(stream).hasSize(1);
  }

  /** What a process is told of the parameter, which outlives it. */
  private FakeWatermark watermarkIn(FakeWatermark.Parameter parameter, Life life) {
    FakeWatermark next = new FakeWatermark(parameter, life);
    watermark = next;
    return next;
  }

  @ParameterizedTest(name = "{0} after {1} passes")
  @MethodSource("deaths")
  void theSlotIsNeverAheadOfTheWatermarkWhereverARunDies(Life.Point point, int passes) {
    someTransactions();
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    Life life = Life.endingAt(point, passes);
    watermarkIn(parameter, life);
    try {
      relay(life, 4, 1 << 20).poll();
    } catch (Life.Death e) {
      assertThat(life.ended()).isTrue();
    }

    assertThat(slot.confirmed()).isLessThanOrEqualTo(parameter.moved);

    watermarkIn(parameter, Life.unlimited());
    relay(Life.unlimited(), 4, 1 << 20).poll();

    assertThat(identities()).hasSize(16);
    assertThat(parameter.moved).isEqualTo(slot.confirmed());
  }

  @Test
  void oneUsualRunWritesTheWatermarkOnce() {
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    List<Lsn> commits = someTransactions();

    watermarkIn(parameter, Life.unlimited());
    relay().poll();
    watermarkIn(parameter, Life.unlimited());
    relay().poll();

    assertThat(parameter.writes).isEqualTo(1);
    assertThat(parameter.moved).isEqualTo(slot.flush());
    assertThat(parameter.published).isEqualTo(commits.get(7));
  }

  @Test
  void aTransactionLongerThanARunIsGoneOnWithWhereTheLastRunStopped() {
    slot.commit(1);
    Lsn giant = slot.commit(IntStream.range(0, 2_000).toArray());
    slot.commit(2);
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    publisher.onPublish = () -> now += 100;

    int runs = 0;
    RunReport report;
    do {
      watermarkIn(parameter, Life.unlimited());
      report = relay().poll();
      runs++;
      assertThat(slot.confirmed().compareTo(giant) < 0 || parameter.place == null).isTrue();
    } while (report.outcome() == RunReport.Outcome.DEADLINE);

    assertThat(runs).isEqualTo(3); // 768 rows a run: time is up after 550, looked at every 256
    assertThat(stream).hasSize(2_002);
    assertThat(identities()).hasSize(2_002);
    assertThat(parameter.place).isNull();
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @ParameterizedTest
  @EnumSource(Life.Point.class)
  void insideALongTransactionADeathCostsOnlyWhatWasSentSince(Life.Point point) {
    slot.commit(IntStream.range(0, 2_000).toArray());
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    publisher.onPublish = () -> now += 100;
    watermarkIn(parameter, Life.unlimited());
    relay().poll();
    Watermark.Place place = Objects.requireNonNull(parameter.place);
    int sent = stream.size();
    assertThat(sent).isEqualTo((int) place.changes());

    Life life = Life.endingAt(point, 0);
    watermarkIn(parameter, life);
    try {
      relay(life, 1_000, 1 << 20).poll();
    } catch (Life.Death e) {
      assertThat(slot.advances).isEmpty();
    }
    publisher.onPublish = () -> {};
    watermarkIn(parameter, Life.unlimited());
    relay().poll();

    assertThat(identities()).hasSize(2_000);
    assertThat(stream.subList(sent, stream.size()))
        .as("sent again, though it was acknowledged and remembered")
        .allMatch(r -> r.ordinal() >= place.changes());
  }

  @Test
  void aTransactionOfAnotherXidIsNotTakenForTheOneThatWasBegun() {
    Lsn commit = slot.commit(1, 2, 3);
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    parameter.place = new Watermark.Place(commit, 1, 2);

    watermarkIn(parameter, Life.unlimited());
    relay().poll();

    assertThat(stream).hasSize(3);
  }

  @Test
  void aRunThatGetsNoFurtherInATransactionIsAnErrorWithAWatermarkToo() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    watermarkIn(new FakeWatermark.Parameter(slot.confirmed()), Life.unlimited());
    publisher.onPublish = () -> now += 100;
    publisher.failWith = PublishException.Code.DEADLINE;

    assertThatThrownBy(() -> relay().poll()).isInstanceOf(Relay.TransactionTooLongException.class);
  }

  @Test
  void aTransactionHandedOverInFullButNotAcknowledgedIsGoneOnWith() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
    watermarkIn(parameter, Life.unlimited());
    publisher.failWith = PublishException.Code.DEADLINE;
    publisher.failAfter = 900;

    assertThat(relay().poll().outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(Objects.requireNonNull(parameter.place).changes()).isBetween(600L, 900L);

    publisher.failWith = null;
    watermarkIn(parameter, Life.unlimited());
    RunReport next = relay().poll();

    assertThat(next.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(next.records()).isLessThanOrEqualTo(1_400);
    assertThat(identities()).hasSize(2_000);
  }

  @Test
  void aTransactionHandedOverInFullButNotAcknowledgedIsAnErrorWithoutAWatermark() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    publisher.failWith = PublishException.Code.DEADLINE;
    publisher.failAfter = 900;

    assertThatThrownBy(() -> relay().poll())
        .isInstanceOf(Relay.TransactionTooLongException.class)
        .hasMessageContaining("900 of its records");
  }
}

package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.watermark.ResumePoint;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run leaves in the watermark, and how the next one resumes from it. */
class RelayWatermarkTest {

  private final FakeWorld world = new FakeWorld();
  private final FakeSlot slot = world.slot;

  @Test
  void oneUsualRunWritesTheWatermarkOnce() {
    FakeWatermark.Parameter parameter = world.withWatermark();
    List<Lsn> commits = world.someTransactions();

    world.poll();
    world.poll();

    assertThat(parameter.writes).isEqualTo(1);
    assertThat(parameter.moved).isEqualTo(slot.flush());
    assertThat(parameter.published).isEqualTo(commits.get(7));
  }

  @Test
  void aTransactionLongerThanARunResumesWhereTheLastRunStopped() {
    slot.commit(1);
    Lsn giant = slot.commit(IntStream.range(0, 2_000).toArray());
    slot.commit(2);
    FakeWatermark.Parameter parameter = world.withWatermark();
    world.script = FakePublisher.Script.onPublish(() -> world.pass(100));

    int runs = 0;
    RunReport report;
    do {
      report = world.poll();
      runs++;
      assertThat(slot.confirmed().compareTo(giant) < 0 || parameter.resumePoint == null).isTrue();
    } while (report.outcome() == RunReport.Outcome.DEADLINE);

    assertThat(runs).isEqualTo(3); // 768 rows a run: time is up after 550, checked every 256
    assertThat(world.stream).hasSize(2_002);
    assertThat(world.identities()).hasSize(2_002);
    assertThat(parameter.resumePoint).isNull();
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @ParameterizedTest
  @EnumSource(Life.Point.class)
  void insideALongTransactionADeathCostsOnlyWhatWasSentSince(Life.Point point) {
    slot.commit(IntStream.range(0, 2_000).toArray());
    FakeWatermark.Parameter parameter = world.withWatermark();
    world.script = FakePublisher.Script.onPublish(() -> world.pass(100));
    world.poll();
    ResumePoint saved = Objects.requireNonNull(parameter.resumePoint);
    int sent = world.stream.size();
    assertThat(sent).isEqualTo((int) saved.changes());

    Life life = Life.endingAt(point, 0);
    try {
      world.process(life).poll();
    } catch (Life.Death e) {
      assertThat(slot.advances).isEmpty();
    }
    world.script = FakePublisher.Script.NOTHING;
    world.poll();

    assertThat(world.identities()).hasSize(2_000);
    assertThat(world.stream.subList(sent, world.stream.size()))
        .as("sent again, though it was acknowledged and remembered")
        .allMatch(r -> r.ordinal() >= saved.changes());
  }

  @Test
  void aTransactionOfAnotherXidIsNotResumed() {
    Lsn commit = slot.commit(1, 2, 3);
    world.withWatermark().resumePoint = new ResumePoint(commit, 1, 2);

    world.poll();

    assertThat(world.stream).hasSize(3);
  }

  @Test
  void aRunThatGetsNoFurtherInATransactionIsAnErrorWithAWatermarkToo() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    world.withWatermark();
    world.script =
        FakePublisher.Script.onPublish(() -> world.pass(100))
            .butFailing(PublishException.Code.DEADLINE, 0);

    assertThatThrownBy(world::poll).isInstanceOf(TransactionTooLongException.class);
  }

  @Test
  void aTransactionHandedOverInFullButNotAcknowledgedIsResumed() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    FakeWatermark.Parameter parameter = world.withWatermark();
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 900);

    assertThat(world.poll().outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(Objects.requireNonNull(parameter.resumePoint).changes()).isBetween(600L, 900L);

    world.script = FakePublisher.Script.NOTHING;
    RunReport next = world.poll();

    assertThat(next.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(next.counts().published().records()).isLessThanOrEqualTo(1_400);
    assertThat(world.identities()).hasSize(2_000);
  }
}

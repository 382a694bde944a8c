package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.slot.SlotException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A run that runs out of time keeps what is acknowledged; one that got nowhere is an error. */
class RelayDeadlineTest {

  private final FakeWorld world = new FakeWorld();
  private final FakeSlot slot = world.slot;

  @Test
  void stopsAtTheDeadlineAndKeepsWhatIsAcknowledged() {
    List<Lsn> commits = world.someTransactions();
    int[] taken = {0};
    world.script =
        FakePublisher.Script.onPublish(
            () -> {
              if (++taken[0] == 5) {
                world.passToReserve();
              }
            });

    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(report.counts().transactions()).isEqualTo(3);
    assertThat(slot.confirmed()).isEqualTo(commits.get(2));

    world.script = FakePublisher.Script.NOTHING;
    assertThat(world.poll().counts().published().records()).isEqualTo(10);
    assertThat(world.stream).hasSize(16);
  }

  @Test
  void startsNothingWithoutTime() {
    slot.commit(1);
    RelayBuilder process = world.process(Life.unlimited());
    world.passToReserve();

    RunReport report = process.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(slot.peekedUpTo).isEmpty();
  }

  @Test
  void aTransactionThatFitsNoRunIsAnError() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    world.script = FakePublisher.Script.onPublish(() -> world.pass(100));

    assertThatThrownBy(world::poll)
        .isInstanceOf(TransactionTooLongException.class)
        .hasMessageContaining(slot.flush().toString())
        .hasMessageContaining("WATERMARK_PARAMETER");
    assertThat(slot.advances).isEmpty();
  }

  @Test
  void aPublisherOutOfTimeIsNoFailure() {
    List<Lsn> commits = world.someTransactions();
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 7);

    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(slot.confirmed()).isEqualTo(commits.get(2));
  }

  @Test
  void aRunOfNothingButTimeoutsIsAnError() {
    slot.commit(1);
    slot.timeoutsToCome = Integer.MAX_VALUE;
    slot.onPeek = () -> world.pass(20_000);

    assertThatThrownBy(world::poll)
        .isInstanceOf(SlotException.class)
        .hasMessageStartingWith("PEEK_TIMEOUT");
  }

  @Test
  void aTransactionHandedOverInFullButNotAcknowledgedIsAnErrorWithoutAWatermark() {
    slot.commit(IntStream.range(0, 2_000).toArray());
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 900);

    assertThatThrownBy(world::poll)
        .isInstanceOf(TransactionTooLongException.class)
        .hasMessageContaining("900 of its records");
  }
}

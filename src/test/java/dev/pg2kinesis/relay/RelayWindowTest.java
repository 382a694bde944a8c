package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.window.SpillException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which windows a run peeks, how far it advances after each, and what it reports. */
class RelayWindowTest {

  private final FakeWorld world = new FakeWorld();
  private final FakeSlot slot = world.slot;

  @Test
  void reportsWhatItDid() {
    slot.commit(1, 2, 3);
    slot.foreignWal(500);
    Lsn from = slot.confirmed();

    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().transactions()).isEqualTo(1);
    assertThat(report.counts().changes()).isEqualTo(3);
    assertThat(report.counts().published().records()).isEqualTo(3);
    assertThat(report.counts().oldestPublishedAgeMillis()).isEqualTo(54_321);
    RunReport.Move move = Objects.requireNonNull(report.move());
    assertThat(move.from().confirmed()).isEqualTo(from);
    assertThat(move.to().confirmed()).isEqualTo(slot.flush());
    assertThat(move.to().lagBytes()).isZero();
  }

  @Test
  void anIdleSlotIsNotPeeked() {
    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(slot.peekedUpTo).isEmpty();
    assertThat(slot.advances).isEmpty();
  }

  @Test
  void passesForeignWalInGrowingWindows() {
    slot.foreignWal(100 << 20);

    RunReport report = world.poll();

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

    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().published().records()).isEqualTo(1);
    assertThat(slot.confirmed()).isEqualTo(atStart);
    assertThat(Objects.requireNonNull(report.move()).to().lagBytes()).isPositive();
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

    RunReport report = world.drain();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().published().records()).isEqualTo(4);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void aDrainDoesNotChaseWalThatHoldsNoChanges() {
    slot.commit(1);
    slot.onPeek = () -> slot.foreignWal(100);

    assertThat(world.drain().outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(slot.peekedUpTo).hasSize(2);
  }

  @Test
  void aWindowCutByItsRowsIsAdvancedToItsLastCommitOnly() {
    Lsn first = slot.commit(1, 2, 3);
    slot.foreignWal(100);
    slot.commit(4);

    world.process(Life.unlimited()).window(3, 1 << 20).poll();

    assertThat(slot.advances).first().isEqualTo(first);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void triesASmallerWindowAfterATimeout() {
    slot.commit(1);
    slot.foreignWal(10 << 20);
    slot.commit(2);
    slot.onPeek = () -> slot.timeoutsToCome = slot.peekedUpTo.size() == 2 ? 1 : 0;

    RunReport report = world.poll();

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(world.stream).hasSize(2);
    assertThat(slot.peekedRows.subList(0, 4)).containsExactly(1_000L, 2_000L, 4_000L, 2_000L);
  }

  @Test
  void triesSmallerWindowsWhereRowsDoNotFitTheStorage() {
    Lsn commit = slot.commit(IntStream.range(0, 2_000).toArray());

    assertThatThrownBy(
            () ->
                world
                    .process(Life.unlimited())
                    .spillingAfter(0)
                    .spillingInto(Path.of("no", "such", "directory"))
                    .poll())
        .isInstanceOf(SpillException.class);
    assertThat(slot.peekedRows).startsWith(1_000L, 500L, 250L).endsWith(1L);
    assertThat(slot.confirmed()).isLessThan(commit);
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishException.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "DEADLINE")
  void keepsWhatWasAcknowledgedBeforePublishingFailed(PublishException.Code code) {
    List<Lsn> commits = world.someTransactions();
    world.script = FakePublisher.Script.failing(code, 7);

    assertThatThrownBy(world::poll)
        .isInstanceOf(PublishException.class)
        .hasMessageStartingWith(code.name());

    assertThat(slot.confirmed()).isEqualTo(commits.get(2));
  }

  @Test
  void keepsWhatWasHandedOverBeforeARecordThatIsRefused() {
    List<Lsn> commits = world.someTransactions();
    int[] taken = {0};
    world.script =
        FakePublisher.Script.onPublish(
            () -> {
              if (++taken[0] == 6) {
                throw new PublishException(
                    PublishException.Code.STREAM_FAILED, "as the test wants", null);
              }
            });

    assertThatThrownBy(world::poll).hasMessageStartingWith("STREAM_FAILED");

    assertThat(world.stream).hasSize(5);
    assertThat(slot.confirmed()).isEqualTo(commits.get(1));
  }

  @Test
  void unreadableInputStopsTheRunAfterWhatCameBefore() {
    Lsn before = slot.commit(1);
    Lsn garbled = slot.commit(2);
    slot.garble(garbled);
    slot.commit(3);

    assertThatThrownBy(world::poll)
        .hasMessageStartingWith("DECODE_FAILED")
        .hasMessageContaining("test_decoding")
        .hasMessageContaining("{\"action\":\"skip\",\"to\":\"" + garbled + "\"}");

    assertThat(slot.confirmed()).isEqualTo(before);
    assertThat(world.stream).hasSize(1);
  }

  @Test
  void whatTheServerCannotDecodeStopsTheRunAfterWhatCameBefore() {
    List<Lsn> commits = world.someTransactions();
    Lsn undecodable = commits.get(5);
    slot.makeUndecodable(undecodable);

    for (int run = 0; run < 2; run++) {
      assertThatThrownBy(world::poll)
          .hasMessageStartingWith("TRANSACTION_UNDECODABLE")
          .hasMessageContaining("SQLSTATE 22012")
          .hasMessageContaining("{\"action\":\"skip\",\"to\":\"" + undecodable + "\"}");

      assertThat(slot.confirmed()).isBetween(commits.get(4), undecodable);
      assertThat(world.stream).hasSize(10);
    }

    slot.advance(undecodable);
    assertThat(world.poll().outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(world.stream).hasSize(14);
    assertThat(world.identities()).hasSize(14);
  }

  @Test
  void aDrainStopsThereToo() {
    List<Lsn> commits = world.someTransactions();
    slot.makeUndecodable(commits.get(7));

    assertThatThrownBy(world::drain).hasMessageStartingWith("TRANSACTION_UNDECODABLE");
    assertThat(world.stream).hasSize(14);
  }

  @Test
  void aFailureThatIsNoTransactionsFaultIsTheDatabases() {
    Lsn before = slot.confirmed();
    slot.commit(1);
    slot.onPeek =
        () -> {
          throw new UndecodableException("slot", "XX000", null);
        };

    assertThatThrownBy(world::poll)
        .hasMessageStartingWith("DATABASE_FAILED")
        .hasMessageContaining("XX000");
    assertThat(slot.confirmed()).isEqualTo(before);
  }
}

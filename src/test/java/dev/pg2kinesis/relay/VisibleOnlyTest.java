package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableCandidate;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a run publishes and where it stops, when some of what it peeks is not visible yet. */
class VisibleOnlyTest {

  /** The id of the fake slot's first transaction; the next ones follow. */
  private static final int FIRST_XID = 700;

  private final World world = new World();
  private final FakeSlot slot = world.slot;
  private final Snapshots snapshots = new Snapshots();
  private final List<Duration> pauses = new ArrayList<>();

  private final class World extends FakeWorld {
    private long left = 60_000;
    private boolean standby;

    RunReport poll(Mode mode) {
      Publisher publisher = publisher(Life.unlimited());
      return RelayBuilder.over(slot, publisher)
          .records(records())
          .visibility(new VisibleOnly(snapshots, () -> standby, this::pause))
          .window(1_000, 1 << 20)
          .deadline(() -> left, 5_000)
          .run(mode);
    }

    private void pause(Duration duration) {
      pauses.add(duration);
      snapshots.onPause.run();
    }
  }

  /** Snapshots that show everything but some transactions. */
  private static final class Snapshots implements TableReader {
    final Set<Integer> invisible = new HashSet<>();
    Runnable onPause = () -> {};
    int asked;

    @Override
    public VisibleTransactions visible() {
      asked++;
      return new VisibleTransactions(FIRST_XID + 100, invisible);
    }

    @Override
    public List<TableCandidate> candidates() {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable TableShape shape(TableName table) {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable TableChunk read(
        TableShape shape,
        @Nullable List<String> after,
        TableChunk.Bounds bounds,
        Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<Integer> inProgress() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lsn insertLsn() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lsn flushLsn() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void anIdleSlotCostsNothing() {
    world.poll(Mode.POLL);

    assertThat(snapshots.asked).isZero();
  }

  @Test
  void whatIsVisibleIsPublishedWithOneQuestion() {
    slot.commit(1);
    slot.commit(2);

    RunReport report = world.poll(Mode.POLL);

    assertThat(world.stream).hasSize(2);
    assertThat(snapshots.asked).isOne();
    assertThat(pauses).isEmpty();
    assertThat(report.counts().waitsForTransaction()).isNull();
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void theRunEndsBeforeATransactionThatStaysInvisible() {
    Lsn before = slot.commit(1);
    slot.foreignWal(1_000);
    slot.commit(2);
    slot.commit(3);
    snapshots.invisible.add(FIRST_XID + 1);

    RunReport report = world.poll(Mode.POLL);

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().waitsForTransaction()).isEqualTo(FIRST_XID + 1);
    assertThat(world.stream).hasSize(1);
    assertThat(slot.confirmed()).isEqualTo(before);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(slot.peekedUpTo).hasSize(1);

    snapshots.invisible.clear();
    assertThat(world.poll(Mode.POLL).counts().waitsForTransaction()).isNull();
    assertThat(world.stream).hasSize(3);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  @Test
  void aTransactionThatBecomesVisibleSoonIsWaitedFor() {
    slot.commit(1);
    slot.commit(2);
    slot.commit(3);
    snapshots.invisible.add(FIRST_XID + 1);
    snapshots.onPause =
        () -> {
          if (pauses.size() == 3) {
            snapshots.invisible.clear();
          }
        };

    RunReport report = world.poll(Mode.DRAIN);

    assertThat(pauses).hasSize(3);
    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().waitsForTransaction()).isNull();
    assertThat(world.identities()).hasSize(3);
    assertThat(world.stream).hasSize(3);
    assertThat(slot.confirmed()).isEqualTo(slot.flush());
  }

  /** Its snapshots show every transaction that it knows of. */
  @Test
  void aStandbyIsRefused() {
    world.standby = true;
    slot.commit(1);

    assertThatThrownBy(() -> world.poll(Mode.POLL))
        .isInstanceOf(SlotException.class)
        .hasMessageStartingWith("SERVER_IN_RECOVERY: VISIBLE=true needs the writer");
    assertThat(world.stream).isEmpty();
  }

  @Test
  void waitingEndsWithTheTimeOfTheRun() {
    slot.commit(1);
    snapshots.invisible.add(FIRST_XID);
    snapshots.onPause = () -> world.left = 0;

    RunReport report = world.poll(Mode.POLL);

    assertThat(pauses).hasSize(1);
    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
    assertThat(report.counts().waitsForTransaction()).isEqualTo(FIRST_XID);
    assertThat(slot.advances).isEmpty();
  }

  /** The window ends before what is not visible, and the time ends before what it published. */
  @Test
  void aRunWhoseRecordsAreNotAcknowledgedHasNotCaughtUp() {
    Lsn first = slot.commit(1);
    slot.commit(2);
    slot.commit(3);
    snapshots.invisible.add(FIRST_XID + 2);
    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 1);

    RunReport report = world.poll(Mode.POLL);

    assertThat(report.outcome()).isEqualTo(RunReport.Outcome.DEADLINE);
    assertThat(slot.confirmed()).isEqualTo(first);
    assertThat(pauses).isEmpty();

    world.script = FakePublisher.Script.failing(PublishException.Code.DEADLINE, 0);
    assertThatThrownBy(() -> world.poll(Mode.POLL)).isInstanceOf(TransactionTooLongException.class);
  }
}

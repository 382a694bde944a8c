package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a run may send, on a clock turned by hand. */
class LockFenceTest {

  private final FakeSlot slot = new FakeSlot();
  private long now = Instant.parse("2026-01-02T03:04:05Z").toEpochMilli();
  private final long end = now + 60_000;
  private final LockFence fence =
      new LockFence(
          slot, new Deadline(() -> end - now, Duration.ZERO), () -> Instant.ofEpochMilli(now));

  /** A peek whose first row, or failure, comes when the test says so. */
  private static final class SlowPeek implements Slot.Peek {

    final CompletableFuture<@Nullable RawRow> answer = new CompletableFuture<>();

    @Override
    public @Nullable RawRow next() {
      try {
        return answer.join();
      } catch (CompletionException e) {
        throw (RuntimeException) e.getCause();
      }
    }

    @Override
    public void cancel() {
      answer.complete(null);
    }

    @Override
    public void close() {}
  }

  private static Window window(SlowPeek peek) {
    return Window.open(peek, row -> null, new Spill(1 << 20, Path.of("unused")));
  }

  @Test
  void asksTheServerOnceInAnInterval() {
    for (int millis = 0; millis < 1_000; millis += 10) {
      fence.renew();
      now += 10;
    }

    assertThat(slot.lockChecks).isEqualTo((int) (1_000 / LockFence.INTERVAL.toMillis()) - 1);
  }

  /** Another stream's senders are not kept out by the lock that the asking thread holds. */
  @Test
  void aQuestionThatStaysOpenPermitsNoRequests() {
    now += 1_000;
    slot.onLockCheck =
        () -> {
          now += LockFence.INTERVAL.toMillis() - 1;
          assertThat(fence.remainingMillis()).as("a quick answer may come").isPositive();
          now++;
          assertThat(fence.remainingMillis()).as("no answer").isZero();
        };
    fence.renew();

    assertThat(slot.lockChecks).isOne();
    assertThat(fence.remainingMillis()).isPositive();
  }

  @Test
  void anAnswerPermitsRequestsForALeaseOnly() {
    assertThat(fence.remainingMillis()).isEqualTo(LockFence.LEASE.toMillis());

    now += LockFence.LEASE.toMillis();
    assertThat(fence.remainingMillis()).as("frozen for a while").isZero();

    fence.renew();
    assertThat(fence.remainingMillis()).isEqualTo(LockFence.LEASE.toMillis());
  }

  @Test
  void theDeadlineEndsALeaseEarlier() {
    now += 55_000;
    fence.renew();
    assertThat(fence.remainingMillis()).isEqualTo(5_000);
  }

  @Test
  void withoutTheLockNothingMayBeSentAnyMore() {
    slot.lockLost = true;
    now += LockFence.INTERVAL.toMillis();

    assertThatThrownBy(fence::renew).hasMessageStartingWith("LOCK_LOST");

    assertThat(fence.remainingMillis()).isZero();
  }

  @Test
  void aClockThatIsSetBackMakesItAsk() {
    now -= 3_600_000;
    fence.renew();
    assertThat(slot.lockChecks).isEqualTo(1);
  }

  @Test
  void whileRowsArriveTheirReaderNoticesTheEndOfTheSession() {
    SlowPeek peek = new SlowPeek();
    try (Window window = window(peek)) {
      fence.reading(window);
      now += LockFence.INTERVAL.toMillis();
      fence.renew();
      assertThat(slot.lockChecks).as("the session is busy").isZero();

      peek.answer.completeExceptionally(
          new SlotException(SlotException.Code.CONNECTION_LOST, "as told", null));
      assertThatThrownBy(window::nextTransaction).hasMessageStartingWith("CONNECTION_LOST");
      now += LockFence.INTERVAL.toMillis();
      assertThatThrownBy(fence::renew).hasMessageStartingWith("CONNECTION_LOST");
      assertThat(fence.remainingMillis()).isZero();
    }
  }

  /** A chunk that another thread reads, until the fence waits for it. */
  private static final class ReadingAhead extends ForwardingSnapshot {
    boolean busy = true;

    ReadingAhead() {
      super(Snapshot.NONE);
    }

    @Override
    public boolean isReadingAhead() {
      return busy;
    }

    @Override
    public void awaitReadAhead() {
      busy = false;
    }
  }

  @Test
  void whileAChunkIsReadAheadThePermissionIsNotRenewed() {
    ReadingAhead ahead = new ReadingAhead();
    fence.loading(ahead);
    now += LockFence.LEASE.toMillis() / 2 - 1;
    fence.renew();
    assertThat(slot.lockChecks).as("the session is busy").isZero();
    assertThat(fence.remainingMillis()).isEqualTo(LockFence.LEASE.toMillis() / 2 + 1);

    now++;
    fence.renew();
    assertThat(ahead.busy).as("waited for").isFalse();
    assertThat(slot.lockChecks).isEqualTo(1);
    assertThat(fence.remainingMillis()).isEqualTo(LockFence.LEASE.toMillis());
  }

  @Test
  void aProcessThatWasFrozenWhileItReadAheadAsksFirst() {
    fence.loading(new ReadingAhead());
    slot.lockLost = true;
    now += LockFence.LEASE.toMillis() + 1_000;
    assertThat(fence.remainingMillis()).isNotPositive();
    assertThatThrownBy(fence::renew).hasMessageStartingWith("LOCK_LOST");
    assertThat(fence.remainingMillis()).isZero();
  }

  @Test
  void onceTheRowsAreReadTheServerIsAskedAgain() {
    SlowPeek peek = new SlowPeek();
    try (Window window = window(peek)) {
      fence.reading(window);
      peek.answer.complete(null);
      assertThat(window.nextTransaction()).isNull();

      now += LockFence.INTERVAL.toMillis();
      fence.renew();

      assertThat(slot.lockChecks).isEqualTo(1);
    }
  }
}

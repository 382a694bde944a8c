package dev.pg2kinesis.relay;

import dev.pg2kinesis.postgres.PostgresServer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Holds commits in the wait for a standby that is not there, again and again. */
final class HeldCommits implements AutoCloseable {

  /** Longer than a run waits before it goes on and leaves the transaction to the next one. */
  private static final Duration LONG = Duration.ofMillis(1_500);

  private final PostgresServer server;
  private final Random dice;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicLong held = new AtomicLong();
  private final Thread thread;
  private volatile @Nullable Throwable failure;

  HeldCommits(PostgresServer server, long seed) {
    this.server = server;
    this.dice = new Random(seed);
    this.thread = new Thread(this::hold);
    thread.start();
  }

  private void hold() {
    try {
      while (!ended.get()) {
        server.set("synchronous_standby_names", "nobody");
        pause(dice.nextInt(20) == 0 ? LONG : Duration.ofMillis(20 + dice.nextInt(150)));
        held.addAndGet(
            Long.parseLong(
                server.query(
                    "postgres",
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")));
        server.set("synchronous_standby_names", null);
        pause(Duration.ofMillis(dice.nextInt(100)));
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }

  /** Commits that were waiting when they were let go. */
  long held() {
    return held.get();
  }

  @Override
  public void close() throws InterruptedException {
    ended.set(true);
    thread.join();
    Throwable e = failure;
    if (e != null) {
      throw new IllegalStateException("commits could not be held", e);
    }
  }
}

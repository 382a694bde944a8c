package dev.pg2kinesis.relay;

import dev.pg2kinesis.publish.Fence;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.window.Window;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Lets a run send only while its session holds the slot's lock. The thread that publishes asks the
 * server again and again; each answer permits requests for a limited time, so that a process that
 * was frozen sends nothing before it has asked again.
 *
 * <p>The limit is shorter than the 20 seconds after which the server gives up a session that went
 * silent. So two runs can send at the same time in one case only: the session was ended from
 * outside. That lasts at most {@link #INTERVAL}.
 */
public final class LockFence implements Fence {

  /** How long after one question the next one is due. */
  static final Duration INTERVAL = Duration.ofMillis(250);

  /** How long one answer permits requests. */
  static final Duration LEASE = Duration.ofSeconds(10);

  /** How long to wait for an answer: less than a lease. */
  public static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final long NONE = Long.MAX_VALUE;

  private final Slot slot;
  private final Deadline deadline;
  private final InstantSource clock;

  /** While rows arrive, the thread that reads them notices the end of the session. */
  private @Nullable Window reading;

  /** Another thread may read a chunk of it in the session. */
  private Snapshot loading = Snapshot.NONE;

  private volatile long askedMillis;

  /** When the open question was asked; {@link #NONE} while none is open. */
  private volatile long openSinceMillis = NONE;

  private volatile boolean lost;

  /**
   * @param slot just opened
   * @param deadline when sending must stop in any case
   */
  public LockFence(Slot slot, Deadline deadline, InstantSource clock) {
    this.slot = slot;
    this.deadline = deadline;
    this.clock = clock;
    this.askedMillis = clock.millis();
  }

  /** The session is busy with this window's rows, until they are read. */
  void reading(Window window) {
    reading = window;
  }

  /**
   * The session may be busy with a chunk of this snapshot, until it is read. That is no answer: the
   * permission is not renewed meanwhile, and once half of it is used up, the chunk is waited for.
   */
  void loading(Snapshot snapshot) {
    loading = snapshot;
  }

  @Override
  public long remainingMillis() {
    long now = clock.millis();
    // Senders of another stream than the one that asks need not wait for a quick answer.
    if (lost || now - openSinceMillis >= INTERVAL.toMillis()) {
      return 0;
    }
    long leased = askedMillis + LEASE.toMillis() - now;
    return Math.min(leased, deadline.leftMillis());
  }

  /**
   * Asks whether the session holds the lock, if that is due.
   *
   * @throws SlotException if it does not
   */
  @Override
  public void renew() {
    long now = clock.millis();
    long since = now - askedMillis;
    if (since >= 0 && since < INTERVAL.toMillis()) {
      return;
    }
    if (since >= 0 && since < LEASE.toMillis() / 2 && loading.isReadingAhead()) {
      return;
    }
    openSinceMillis = now;
    try {
      loading.awaitReadAhead();
      Window window = reading;
      if (window == null || !window.isReading()) {
        reading = null;
        slot.checkLock(PATIENCE);
      }
    } catch (SlotException e) {
      lost = true;
      throw e;
    } finally {
      openSinceMillis = NONE;
    }
    askedMillis = now;
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much one peek may return. Both bounds matter: rows alone do not bound the work behind WAL
 * that decodes to nothing, and WAL alone does not bound a dense backlog. Each peek reads again from
 * {@code restart_lsn}, so windows of one size would make draining quadratic. Windows double while
 * they are quick, and grow faster if much of the time goes into reading again, up to {@link
 * #MAX_GROWTH} times the settings.
 *
 * @param rows rows after which no further transaction is started
 * @param walBytes bytes of WAL to read beyond the slot's position
 * @param growth how many times the settings this is
 * @param maxGrowth how many times the settings it may become
 */
public record WindowSize(long rows, long walBytes, int growth, int maxGrowth) {

  /** Bounds what one window may put into the ephemeral storage. */
  static final int MAX_GROWTH = 64;

  /** The first window of a run. */
  public static WindowSize of(long rows, long walBytes) {
    return new WindowSize(rows, walBytes, 1, MAX_GROWTH);
  }

  /** The position to peek up to. */
  public Lsn upTo(Slot.Position position, Lsn target) {
    return Lsn.min(target, position.confirmed().plus(walBytes));
  }

  /**
   * The size of the next window.
   *
   * @param position where the slot was before this window
   * @param to where it is after it; null if it did not move
   * @param took how long this window took
   */
  WindowSize after(Slot.Position position, @Nullable Lsn to, Duration took, Deadline deadline) {
    boolean rereads = rereads(position, to);
    long left = deadline.keeping(Duration.ZERO).leftMillis();
    if (took.toMillis() >= left / (rereads ? 2 : 4)) {
      return this;
    }
    return rereads ? grown().grown() : grown();
  }

  /** Whether much of what the server read for the window lay before the slot's position. */
  private static boolean rereads(Slot.Position position, @Nullable Lsn to) {
    long drained = to == null ? 0 : to.bytesSince(position.confirmed());
    return position.confirmed().bytesSince(position.restart()) * 2 > drained;
  }

  /** Twice the size, within the limit. */
  private WindowSize grown() {
    return growth * 2 > maxGrowth
        ? this
        : new WindowSize(rows * 2, walBytes * 2, growth * 2, maxGrowth);
  }

  /** Whether there is a smaller size to try. */
  boolean canShrink() {
    return rows > 1 && walBytes > 1;
  }

  /** Half the size; it will not grow again in this run. */
  WindowSize shrunk() {
    return new WindowSize(
        Math.max(1, rows / 2), Math.max(1, walBytes / 2), Math.max(1, growth / 2), 0);
  }
}

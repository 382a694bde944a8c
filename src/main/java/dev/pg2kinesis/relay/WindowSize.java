package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;

/**
 * How much one peek may return. Both bounds matter: rows alone do not bound the work behind someone
 * else's WAL, and WAL alone does not bound a dense backlog. Each peek reads again from {@code
 * restart_lsn}, so windows of one size would make draining quadratic: they double while they are
 * quick, and grow faster where reading again takes much of the time, up to {@link #MOST_GROWTH}
 * times the settings.
 *
 * @param rows rows after which no further transaction is started
 * @param walBytes bytes of WAL to read beyond the slot's position
 * @param growth how many times the settings this is
 * @param mostGrowth how many times the settings it may become
 */
public record WindowSize(long rows, long walBytes, int growth, int mostGrowth) {

  /** A bound for what one window may lay into the ephemeral storage. */
  static final int MOST_GROWTH = 64;

  public static WindowSize of(long rows, long walBytes) {
    return new WindowSize(rows, walBytes, 1, MOST_GROWTH);
  }

  /** Up to where to peek. */
  public Lsn upTo(Slot.Position position, Lsn target) {
    return Lsn.min(target, position.confirmed().plus(walBytes));
  }

  /** Twice the size, within the cap. */
  WindowSize grown() {
    return growth * 2 > mostGrowth
        ? this
        : new WindowSize(rows * 2, walBytes * 2, growth * 2, mostGrowth);
  }

  /** Whether there is a smaller size worth trying. */
  boolean canShrink() {
    return rows > 1 && walBytes > 1;
  }

  /** Half the size; it will not grow again in this run. */
  WindowSize shrunk() {
    return new WindowSize(
        Math.max(1, rows / 2), Math.max(1, walBytes / 2), Math.max(1, growth / 2), 0);
  }
}

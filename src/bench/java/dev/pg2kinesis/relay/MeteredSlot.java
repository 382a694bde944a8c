package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A slot whose WAL seems to end at a position, and which adds up what the server reads: each peek
 * and each advance starts from {@code restart_lsn}.
 */
public final class MeteredSlot extends ForwardingSlot {

  private final Lsn end;
  public long walRead;

  public MeteredSlot(Slot slot, Lsn end) {
    super(slot);
    this.end = end;
  }

  @Override
  public Position position() {
    Position position = super.position();
    return new Position(position.confirmed(), position.restart(), end, position.walStatus());
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    Lsn restart = super.position().restart();
    return new MeteredPeek(super.peek(upTo, rows, timeout), restart, upTo, rows);
  }

  private final class MeteredPeek extends ForwardingPeek {

    private final Lsn restart;
    private final Lsn upTo;
    private final long budget;
    private long rows;
    private Lsn last;

    MeteredPeek(Peek peek, Lsn restart, Lsn upTo, long budget) {
      super(peek);
      this.restart = restart;
      this.last = restart;
      this.upTo = upTo;
      this.budget = budget;
    }

    @Override
    public @Nullable RawRow next() {
      RawRow row = super.next();
      if (row != null) {
        rows++;
        last = Lsn.max(last, row.lsn());
      }
      return row;
    }

    @Override
    public void close() {
      super.close();
      walRead += (rows < budget ? upTo : last).bytesSince(restart);
    }
  }

  @Override
  public void advance(Lsn to) {
    walRead += to.bytesSince(super.position().restart());
    super.advance(to);
  }
}

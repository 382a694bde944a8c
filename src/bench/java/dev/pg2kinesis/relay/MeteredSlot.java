package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A slot whose WAL seems to end at a position, and which adds up what the server reads: each peek
 * and each advance starts from {@code restart_lsn}.
 */
public final class MeteredSlot implements Slot {

  private final Slot slot;
  private final Lsn end;
  public long walRead;

  public MeteredSlot(Slot slot, Lsn end) {
    this.slot = slot;
    this.end = end;
  }

  @Override
  public Plugin plugin() {
    return slot.plugin();
  }

  @Override
  public Position position() {
    Position position = slot.position();
    return new Position(position.confirmed(), position.restart(), end, position.walStatus());
  }

  @Override
  public Catalog catalog() {
    return slot.catalog();
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    Lsn restart = slot.position().restart();
    return new MeteredPeek(slot.peek(upTo, rows, timeout), restart, upTo, rows);
  }

  private final class MeteredPeek implements Peek {

    private final Peek peek;
    private final Lsn restart;
    private final Lsn upTo;
    private final long budget;
    private long rows;
    private Lsn last;

    MeteredPeek(Peek peek, Lsn restart, Lsn upTo, long budget) {
      this.peek = peek;
      this.restart = restart;
      this.last = restart;
      this.upTo = upTo;
      this.budget = budget;
    }

    @Override
    public @Nullable RawRow next() {
      RawRow row = peek.next();
      if (row != null) {
        rows++;
        last = Lsn.max(last, row.lsn());
      }
      return row;
    }

    @Override
    public void cancel() {
      peek.cancel();
    }

    @Override
    public void close() {
      peek.close();
      walRead += (rows < budget ? upTo : last).bytesSince(restart);
    }
  }

  @Override
  public void advance(Lsn to) {
    walRead += to.bytesSince(slot.position().restart());
    slot.advance(to);
  }

  @Override
  public void close() {
    slot.close();
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A real slot in a process that may die at each of its calls. */
final class MortalSlot extends ForwardingSlot {

  private final Life life;

  MortalSlot(Slot slot, Life life) {
    super(slot);
    this.life = life;
  }

  @Override
  public Position position() {
    life.check();
    return super.position();
  }

  @Override
  public Catalog catalog() {
    life.check();
    return super.catalog();
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    life.at(Life.Point.BEFORE_PEEK);
    return new ForwardingPeek(super.peek(upTo, rows, timeout)) {
      @Override
      public @Nullable RawRow next() {
        life.at(Life.Point.IN_PEEK);
        return super.next();
      }
    };
  }

  @Override
  public void advance(Lsn to) {
    life.at(Life.Point.BEFORE_ADVANCE);
    super.advance(to);
    life.at(Life.Point.AFTER_ADVANCE);
  }
}

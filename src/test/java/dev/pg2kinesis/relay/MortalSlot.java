package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A real slot in a process that may die at each of its calls. */
final class MortalSlot implements Slot {

  private final Slot slot;
  private final Life life;

  MortalSlot(Slot slot, Life life) {
    this.slot = slot;
    this.life = life;
  }

  @Override
  public Plugin plugin() {
    return slot.plugin();
  }

  @Override
  public Position position() {
    life.check();
    return slot.position();
  }

  @Override
  public Catalog catalog() {
    life.check();
    return slot.catalog();
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    life.at(Life.Point.BEFORE_PEEK);
    return new MortalPeek(slot.peek(upTo, rows, timeout));
  }

  private final class MortalPeek implements Peek {

    private final Peek peek;

    MortalPeek(Peek peek) {
      this.peek = peek;
    }

    @Override
    public @Nullable RawRow next() {
      life.at(Life.Point.IN_PEEK);
      return peek.next();
    }

    @Override
    public void cancel() {
      peek.cancel();
    }

    @Override
    public void close() {
      peek.close();
    }
  }

  @Override
  public void advance(Lsn to) {
    life.at(Life.Point.BEFORE_ADVANCE);
    slot.advance(to);
    life.at(Life.Point.AFTER_ADVANCE);
  }

  @Override
  public void close() {
    slot.close();
  }
}

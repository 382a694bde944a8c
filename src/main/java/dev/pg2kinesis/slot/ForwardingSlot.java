package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Forwards everything to another slot; a subclass overrides what it does differently. */
public abstract class ForwardingSlot implements Slot {

  private final Slot slot;

  protected ForwardingSlot(Slot slot) {
    this.slot = slot;
  }

  @Override
  public Plugin plugin() {
    return slot.plugin();
  }

  @Override
  public Position position() {
    return slot.position();
  }

  @Override
  public void checkLock(Duration patience) {
    slot.checkLock(patience);
  }

  @Override
  public Timeline timeline(@Nullable Long earlier) {
    return slot.timeline(earlier);
  }

  @Override
  public Catalog catalog() {
    return slot.catalog();
  }

  @Override
  public TableReader tables() {
    return slot.tables();
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    return slot.peek(upTo, rows, timeout);
  }

  @Override
  public @Nullable UndecodableTransaction findUndecodable(
      UndecodableException cause, Lsn upTo, Duration timeout) {
    return slot.findUndecodable(cause, upTo, timeout);
  }

  @Override
  public void advance(Lsn to) {
    slot.advance(to);
  }

  @Override
  public void close() {
    slot.close();
  }
}

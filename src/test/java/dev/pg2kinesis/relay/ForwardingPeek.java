package dev.pg2kinesis.relay;

import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import org.jspecify.annotations.Nullable;

/** Forwards everything to another peek; a subclass overrides what it does differently. */
public abstract class ForwardingPeek implements Slot.Peek {

  private final Slot.Peek peek;

  protected ForwardingPeek(Slot.Peek peek) {
    this.peek = peek;
  }

  @Override
  public @Nullable RawRow next() {
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

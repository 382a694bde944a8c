package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.snapshot.Snapshot;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Forwards; a subclass changes one thing. */
class ForwardingSnapshot implements Snapshot {
  private final Snapshot snapshot;

  ForwardingSnapshot(Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  @Override
  public void windowBegins() {
    snapshot.windowBegins();
  }

  @Override
  public void decoded(Commit commit) {
    snapshot.decoded(commit);
  }

  @Override
  public void before(Commit commit, Change change, Consumer<StreamRecord> publisher) {
    snapshot.before(commit, change, publisher);
  }

  @Override
  public void beforeAdvance() {
    snapshot.beforeAdvance();
  }

  @Override
  public @Nullable Lsn read() {
    return snapshot.read();
  }

  @Override
  public boolean isReading() {
    return snapshot.isReading();
  }

  @Override
  public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
    snapshot.publishRemaining(position, publisher);
  }

  @Override
  public boolean isReadingAhead() {
    return snapshot.isReadingAhead();
  }

  @Override
  public void awaitReadAhead() {
    snapshot.awaitReadAhead();
  }

  @Override
  public void acknowledged() {
    snapshot.acknowledged();
  }

  @Override
  public long rows() {
    return snapshot.rows();
  }
}

package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.slot.TableCandidate;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Forwards; a subclass changes one thing. */
class ForwardingReader implements TableReader {
  private final TableReader reader;

  ForwardingReader(TableReader reader) {
    this.reader = reader;
  }

  @Override
  public List<TableCandidate> candidates() {
    return reader.candidates();
  }

  @Override
  public @Nullable TableShape shape(TableName table) {
    return reader.shape(table);
  }

  @Override
  public @Nullable TableChunk read(
      TableShape shape, @Nullable List<String> after, TableChunk.Bounds bounds, Duration timeout) {
    return reader.read(shape, after, bounds, timeout);
  }

  @Override
  public Set<Integer> inProgress() {
    return reader.inProgress();
  }

  @Override
  public VisibleTransactions visible() {
    return reader.visible();
  }

  @Override
  public Lsn insertLsn() {
    return reader.insertLsn();
  }

  @Override
  public Lsn flushLsn() {
    return reader.flushLsn();
  }
}

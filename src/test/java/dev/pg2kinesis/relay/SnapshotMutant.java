package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The product's snapshot with one of its rules left out, which a history must find out. */
enum SnapshotMutant {
  /** Nothing is left out. */
  NONE,

  /** Chunks are read although transactions behind the slot's position are not visible yet. */
  WITHOUT_I10 {
    @Override
    TableReader reader(TableReader reader) {
      return new ForwardingReader(reader) {
        @Override
        public Set<Integer> inProgress() {
          return Set.of();
        }

        @Override
        public VisibleTransactions visible() {
          return everything(super.visible());
        }
      };
    }
  },

  /** Rows are published before the server has flushed the commits that they show. */
  WITHOUT_FLUSH_WAIT {
    @Override
    TableReader reader(TableReader reader) {
      return new ForwardingReader(reader) {
        @Override
        public Lsn insertLsn() {
          return super.flushLsn();
        }
      };
    }
  },

  /** As DBLog does it, a row that was changed meanwhile is dropped. */
  DROPPED_ROWS {
    @Override
    Snapshot merge(Snapshot snapshot) {
      return new ForwardingSnapshot(snapshot) {
        @Override
        public void before(Commit commit, Change change, Consumer<StreamRecord> publisher) {
          super.before(commit, change, dropped -> {});
        }
      };
    }
  },

  /** The ids of the stream count as of an earlier epoch than the snapshot's: all are visible. */
  EARLIER_EPOCH {
    @Override
    TableReader reader(TableReader reader) {
      return seeing(reader, SnapshotMutant::everything);
    }
  },

  /** The ids of the stream count as of a later epoch than the snapshot's: none is visible. */
  LATER_EPOCH {
    @Override
    TableReader reader(TableReader reader) {
      return seeing(
          reader, visible -> new VisibleTransactions(visible.xmax() - 1_000_000, Set.of()));
    }
  },

  /** The cursor is kept when the rows are handed over, and not when they are acknowledged. */
  CURSOR_FIRST {
    @Override
    Snapshot merge(Snapshot snapshot) {
      return new ForwardingSnapshot(snapshot) {
        @Override
        public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
          super.publishRemaining(position, publisher);
          super.acknowledged();
        }
      };
    }
  };

  /** What the snapshot reads from. */
  TableReader reader(TableReader reader) {
    return reader;
  }

  /** What the run sees of the snapshot. */
  Snapshot merge(Snapshot snapshot) {
    return snapshot;
  }

  static VisibleTransactions everything(VisibleTransactions visible) {
    return new VisibleTransactions(visible.xmax() + 1_000_000, Set.of());
  }

  private static TableReader seeing(
      TableReader reader, UnaryOperator<VisibleTransactions> otherwise) {
    return new ForwardingReader(reader) {
      @Override
      public @Nullable TableChunk read(
          TableShape shape,
          @Nullable List<String> after,
          TableChunk.Bounds bounds,
          Duration timeout) {
        TableChunk chunk = super.read(shape, after, bounds, timeout);
        return chunk == null
            ? null
            : new TableChunk(
                chunk.rows(),
                chunk.bytes(),
                chunk.lastKey(),
                otherwise.apply(chunk.visible()),
                chunk.end());
      }
    };
  }
}

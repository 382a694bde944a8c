package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a run loads from the tables, besides the changes that it reads from the slot. */
public interface Snapshot {

  /** Loads nothing. */
  Snapshot NONE =
      new Snapshot() {
        @Override
        public void windowBegins() {}

        @Override
        public void decoded(Commit commit) {}

        @Override
        public void before(Commit commit, Change change, Consumer<StreamRecord> publisher) {}

        @Override
        public void beforeAdvance() {}

        @Override
        public @Nullable Lsn read() {
          return null;
        }

        @Override
        public boolean isReading() {
          return false;
        }

        @Override
        public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {}

        @Override
        public boolean isReadingAhead() {
          return false;
        }

        @Override
        public void awaitReadAhead() {}

        @Override
        public void acknowledged() {}

        @Override
        public long rows() {
          return 0;
        }
      };

  /** A peek is about to start. */
  void windowBegins();

  /** The peek returned this transaction. */
  void decoded(Commit commit);

  /**
   * Publishes the rows that must precede a change.
   *
   * @param commit the change's transaction
   */
  void before(Commit commit, Change change, Consumer<StreamRecord> publisher);

  /** The slot is about to be advanced over what was decoded. */
  void beforeAdvance();

  /**
   * Reads the next chunk. Everything up to the slot's position is published.
   *
   * @return the position up to which changes must be published before the chunk ends; null if there
   *     is nothing to read now
   */
  @Nullable Lsn read();

  /** Whether rows of a chunk are on their way to the stream. */
  boolean isReading();

  /**
   * Publishes the rows of the chunk that no change has reached. Meanwhile another thread may read
   * the next chunk, in the session.
   *
   * @param position where the slot is, at or behind what {@link #read} returned
   */
  void publishRemaining(Lsn position, Consumer<StreamRecord> publisher);

  /** Whether another thread is using the session to read the next chunk. */
  boolean isReadingAhead();

  /** Waits until no other thread is using the session. */
  void awaitReadAhead();

  /** All rows of the chunk are acknowledged, and no other thread is using the session. */
  void acknowledged();

  /** Rows published in this run. */
  long rows();
}

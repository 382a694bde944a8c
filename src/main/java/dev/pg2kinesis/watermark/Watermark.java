package dev.pg2kinesis.watermark;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered outside the database of how far the slot was moved. No change is lost without
 * it (invariant I3); with it, a slot that something else moved is found out, and a transaction that
 * is longer than a run is gone on with.
 */
public interface Watermark {

  /** Remembers nothing. */
  Watermark NONE =
      new Watermark() {
        @Override
        public @Nullable Place resumeAt() {
          return null;
        }

        @Override
        public void advancing(Lsn to, @Nullable Lsn published) {}

        @Override
        public boolean reached(Place place) {
          return false;
        }
      };

  /** Up to where the transaction that the last run stopped inside of is on the stream. */
  @Nullable Place resumeAt();

  /**
   * Remembers where the slot goes, before it goes there. In this order the slot is never ahead of
   * what is remembered, wherever a run dies, unless something else moved it.
   *
   * @param to the position
   * @param published the last commit that was published in this run, if one was
   */
  void advancing(Lsn to, @Nullable Lsn published);

  /**
   * Remembers how much of a transaction is acknowledged, for a run that ends inside of it.
   *
   * @return whether the next run can go on there
   */
  boolean reached(Place place);

  /**
   * A place inside a transaction.
   *
   * @param commit the end LSN of its commit
   * @param xid its transaction id
   * @param changes the changes with an ordinal below this are acknowledged
   */
  record Place(Lsn commit, long xid, long changes) {

    public boolean isIn(Commit transaction) {
      return commit.equals(transaction.lsn()) && xid == transaction.xid();
    }
  }
}

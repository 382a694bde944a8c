package dev.pg2kinesis.watermark;

import dev.pg2kinesis.change.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * Remembers outside the database how far the slot was moved. Without it, no change is lost
 * (invariant I3). With it, a slot that something else moved is detected, and a transaction that
 * does not fit into one run is resumed.
 */
public interface Watermark {

  /** Remembers nothing. */
  Watermark NONE =
      new Watermark() {
        @Override
        public @Nullable ResumePoint resumePoint() {
          return null;
        }

        @Override
        public void beforeAdvance(Lsn to, @Nullable Lsn lastPublished) {}

        @Override
        public boolean saveResumePoint(ResumePoint point) {
          return false;
        }
      };

  /** Where the last run stopped inside a transaction; null if it did not. */
  @Nullable ResumePoint resumePoint();

  /**
   * Remembers where the slot goes, before it goes there. In this order the slot is never ahead of
   * what is remembered, wherever a run dies, unless something else moved it.
   *
   * @param to the position
   * @param lastPublished the last commit that was published in this run, if one was
   */
  void beforeAdvance(Lsn to, @Nullable Lsn lastPublished);

  /**
   * Saves how much of an unfinished transaction is acknowledged.
   *
   * @return whether the next run can resume there
   */
  boolean saveResumePoint(ResumePoint point);
}

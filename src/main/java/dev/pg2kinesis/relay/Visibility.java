package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import org.jspecify.annotations.Nullable;

/** Which of the transactions that a peek returned may be published: the setting VISIBLE. */
public interface Visibility {

  /** All of them. */
  Visibility ANY =
      new Visibility() {
        @Override
        public void windowBegins() {}

        @Override
        public boolean admits(Commit commit) {
          return true;
        }

        @Override
        public boolean await(Deadline deadline) {
          return true;
        }

        @Override
        public @Nullable Long waitsFor() {
          return null;
        }
      };

  /** A peek is about to start. */
  void windowBegins();

  /**
   * Whether a transaction may be published. If not, the window ends before it, and the session is
   * free when {@link #await} follows.
   */
  boolean admits(Commit commit);

  /**
   * Waits a little for the transaction that was not admitted, if there is one.
   *
   * @return false if it would not be admitted now either
   */
  boolean await(Deadline deadline);

  /** The id of the transaction that the run still waits for; null if there is none. */
  @Nullable Long waitsFor();
}

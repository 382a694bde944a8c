package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * How much of a transaction is acknowledged, whether all of it was handed over yet or not.
 * Acknowledgements come as counts of records, and a change has none, one or two, so marks are set
 * along the way.
 */
final class PartlySent {

  private final Queue<Mark> marks = new ArrayDeque<>();
  private @Nullable Mark reached;

  /** When so many records had been handed over, so many changes of a transaction were in them. */
  private record Mark(Commit commit, long records, long changes) {}

  void mark(Commit commit, long records, long changes) {
    marks.add(new Mark(commit, records, changes));
  }

  /**
   * How many changes of the transaction are acknowledged with all before them, as far as there were
   * marks.
   */
  long changes(Commit commit, long acknowledgedRecords) {
    for (Mark mark = marks.peek();
        mark != null && mark.records() <= acknowledgedRecords;
        mark = marks.peek()) {
      reached = marks.remove();
    }
    return reached != null && reached.commit().equals(commit) ? reached.changes() : 0;
  }
}

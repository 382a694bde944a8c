package dev.pg2kinesis;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * How much of the transaction that is being published is acknowledged. Acknowledgements come as
 * counts of records, and a change has none, one or two.
 */
final class PartlySent {

  private final Queue<Mark> marks = new ArrayDeque<>();
  private long changes;

  /**
   * So many changes of the transaction had been taken when so many records had been handed over.
   */
  private record Mark(long records, long changes) {}

  /**
   * Starts with a transaction.
   *
   * @param sentBefore how many of its changes earlier runs sent
   */
  void begin(long sentBefore) {
    marks.clear();
    changes = sentBefore;
  }

  void mark(long records, long changesTaken) {
    marks.add(new Mark(records, changesTaken));
  }

  /** How many changes are acknowledged with all before them, as far as there were marks. */
  long changes(long acknowledgedRecords) {
    for (Mark mark = marks.peek();
        mark != null && mark.records() <= acknowledgedRecords;
        mark = marks.peek()) {
      marks.remove();
      changes = Math.max(changes, mark.changes());
    }
    return changes;
  }
}

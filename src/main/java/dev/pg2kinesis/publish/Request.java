package dev.pg2kinesis.publish;

import java.util.ArrayList;
import java.util.List;

/** What goes into one call: the entries of some lanes, lane by lane. */
public final class Request {

  private final List<Entry> entries = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private int bytes;
  private int repeated;

  /** Takes from a lane what fits; tells whether anything did. */
  boolean take(Lane lane) {
    int from = entries.size();
    bytes +=
        lane.take(
            entries, Limits.REQUEST_RECORDS - from, Math.max(0, Limits.REQUEST_BYTES - bytes));
    if (entries.size() == from) {
      return false;
    }
    parts.add(new Part(lane, from, entries.size()));
    for (int i = from; i < entries.size(); i++) {
      if (entries.get(i).markSent()) {
        repeated++;
      }
    }
    return true;
  }

  boolean isFull() {
    return entries.size() >= Limits.REQUEST_RECORDS || bytes >= Limits.REQUEST_BYTES;
  }

  public List<Entry> entries() {
    return entries;
  }

  List<Part> parts() {
    return parts;
  }

  /** How many of the entries were in an earlier request too. */
  int repeated() {
    return repeated;
  }

  /** A lane and its entries' places. */
  record Part(Lane lane, int from, int to) {}
}

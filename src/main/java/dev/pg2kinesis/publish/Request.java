package dev.pg2kinesis.publish;

import java.util.ArrayList;
import java.util.List;

/** The entries of one {@code PutRecords} call, lane by lane. */
public final class Request {

  private final List<Entry> entries = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private int bytes;
  private int repeated;

  /** Moves records from a lane for as long as they fit, and returns whether any did. */
  boolean take(Lane lane, boolean seals, long nowNanos) {
    int from = entries.size();
    bytes +=
        lane.take(
            entries,
            KinesisQuota.REQUEST_RECORDS - from,
            Math.max(0, KinesisQuota.REQUEST_BYTES - bytes),
            seals,
            nowNanos);
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
    return entries.size() >= KinesisQuota.REQUEST_RECORDS || bytes >= KinesisQuota.REQUEST_BYTES;
  }

  public List<Entry> entries() {
    return entries;
  }

  List<Part> parts() {
    return parts;
  }

  /** How many of the entries have been in a request before. */
  int repeated() {
    return repeated;
  }

  /** A lane and the range of its entries. */
  record Part(Lane lane, int from, int to) {}
}

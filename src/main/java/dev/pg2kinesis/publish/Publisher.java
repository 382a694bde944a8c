package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts records on the stream and keeps the order of each partition key. Used by one thread; one run
 * has one publisher.
 */
public interface Publisher extends AutoCloseable {

  /**
   * Takes a record. A small one may wait for others, until {@link #acknowledged()} or {@link
   * #flush()} is called. Blocks while as many bytes wait as memory allows.
   *
   * @throws PublishException if publishing has stopped; records acknowledged before stay
   *     acknowledged
   */
  void publish(StreamRecord record);

  /**
   * Sends every record taken so far and waits until the stream has acknowledged all of them.
   *
   * @throws PublishException if publishing stops before that
   */
  void flush();

  /**
   * How many records, counted from the first one taken, are acknowledged with no gap. Never throws,
   * so that it can be called after a failure.
   */
  long acknowledged();

  /** The counts so far. */
  Totals totals();

  /** Stops sending and ends the threads. A request on its way at that moment may still land. */
  @Override
  void close();

  /**
   * Counts of a run.
   *
   * @param records Kinesis records acknowledged
   * @param bytes their bytes, partition keys included
   * @param retriedRecords records sent again because an entry or a whole call failed
   * @param streams the counts of each stream, by its name or ARN, if there are several; else empty
   */
  record Totals(long records, long bytes, long retriedRecords, Map<String, Totals> streams) {

    /** The counts of one stream. */
    public Totals(long records, long bytes, long retriedRecords) {
      this(records, bytes, retriedRecords, Map.of());
    }

    /** The counts of each stream by name, for results and logs. */
    public Map<String, Map<String, Long>> byStream() {
      Map<String, Map<String, Long>> all = new LinkedHashMap<>();
      streams.forEach((name, totals) -> all.put(name, totals.byName()));
      return all;
    }

    private Map<String, Long> byName() {
      Map<String, Long> counts = new LinkedHashMap<>();
      counts.put("records", records);
      counts.put("bytes", bytes);
      counts.put("retriedRecords", retriedRecords);
      return counts;
    }
  }
}

package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;

/**
 * Puts records on the stream and keeps the order of each partition key. Used by one thread; one run
 * has one publisher.
 */
public interface Publisher extends AutoCloseable {

  /**
   * Takes a record, to be sent now or soon. Blocks while as many bytes wait as memory allows.
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
   */
  record Totals(long records, long bytes, long retriedRecords) {}
}

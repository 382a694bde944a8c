package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;

/**
 * Puts records on the stream and keeps the order of each partition key. Used by one thread; one run
 * has one publisher.
 */
public interface Publisher extends AutoCloseable {

  /**
   * Takes a record, to be sent now or soon; blocks while as many bytes wait as memory allows.
   *
   * @throws PublishException if publishing has stopped for good; what was acknowledged stays
   *     acknowledged
   */
  void publish(StreamRecord record);

  /**
   * Sends all that was taken and waits until the stream has acknowledged it.
   *
   * @throws PublishException if publishing has stopped for good before that
   */
  void flush();

  /**
   * How many records, counted from the first in the order they were taken, are acknowledged with
   * none missing before them. Never throws, so that it can be asked after a failure.
   */
  long acknowledged();

  /** What was sent so far. */
  Totals totals();

  /** Stops sending and frees the threads; what is not acknowledged by then may or may not land. */
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

package dev.pg2kinesis.chaos;

/** A warm process that can be invoked again and again, until it is killed. */
interface Function extends AutoCloseable {

  /** Through which it has its effects. */
  Gate gate();

  /**
   * Polls once.
   *
   * @param limitMillis the time limit that it is told
   * @return the outcome, or the code of the error
   */
  String poll(long limitMillis);

  @Override
  void close();
}

package dev.pg2kinesis.endtoend;

import java.util.Map;

/** Something that takes the backlog off the server, measured once in each round. */
interface Candidate {

  /** Drains a copy of the slot. */
  Map<Row, Sample> run() throws Exception;
}

package dev.pg2kinesis.chaos;

/** What can happen in an invocation. */
enum Fault {
  /** Nothing. */
  NONE,
  /** The process dies before a call of PutRecords has any effect. */
  KILLED_BEFORE_PUT,
  /** The records of a call are put, and the process dies before it hears of it. */
  KILLED_AFTER_PUT,
  /** The process dies before the watermark is written. */
  KILLED_BEFORE_WATERMARK,
  /** The watermark is written, and the process dies before it hears of it. */
  KILLED_AFTER_WATERMARK,
  /** The process dies before the server hears of an advance. */
  KILLED_BEFORE_ADVANCE,
  /** The slot is advanced, and the process dies before it hears of it. */
  KILLED_AFTER_ADVANCE,
  /** The process dies after a number of bytes from the server. */
  KILLED_IN_PEEK,
  /** The process dies at a moment. */
  KILLED_ANYWHERE,
  /** The time limit is short; the process is killed when it has passed. */
  DEADLINE,
  /** The server ends the session during a call of PutRecords. */
  TERMINATED_IN_PUT,
  /** The server ends the session at a moment. */
  TERMINATED_ANYWHERE,
  /** The connection to the database is cut after a number of bytes. */
  CUT,
  /** The connection to the database falls silent, and the server keeps the session. */
  NETWORK_SILENT,
  /** The server restarts. */
  RESTARTED_FAST,
  /** The server crashes and recovers. */
  RESTARTED_IMMEDIATE,
  /** Entries are refused. */
  PARTIAL_FAILURES,
  /** Calls are refused, and some fail inside Kinesis. */
  REFUSED_CALLS,
  /** Calls have an effect, but the answer is an error or does not come. */
  LOST_ANSWERS,
  /** Calls without an answer have their effect after the run. */
  LATE_LANDINGS,
  /** Shards are split and merged. */
  RESHARDED,
  /** The stream is deleted, and after the run there is another one of its name. */
  STREAM_RECREATED,
  /** The process's clock jumps to and fro by hours. */
  CLOCK_JUMPED,
  /** Events that must be refused. */
  HOSTILE_EVENTS,
  /** A second function runs at the same time. */
  TWO_RUNS,
  /** Others are started while a call of PutRecords takes long. */
  SLOW_ANSWER,
  /** The session is ended and another run finishes while a call of PutRecords is under way. */
  HELD_ANSWER,
  /** Calls of Parameter Store for the watermark fail, with and without an effect. */
  PARAMETER_FAILURES,
  /** A cold process's calls for its settings and its login fail. */
  CONFIGURATION_FAILURES,
  /** The role gets another password; the secret follows a run later. */
  SECRET_ROTATED,
  /** The storage for spilled rows takes nothing. */
  SPOOL_FULL,
  /** A process of its own is killed by SIGKILL during a call of PutRecords. */
  PROCESS_KILLED,
  /** The same at a moment. */
  PROCESS_KILLED_ANYWHERE,
  /** A process of its own is frozen, loses its session, and wakes after another run. */
  PROCESS_FROZEN,
  /** A process of its own whose files may not grow beyond a limit. */
  PROCESS_SPOOL_FULL,
  /** A process of its own whose heap is smaller than a transaction. */
  PROCESS_SMALL_MEMORY;

  /** Whether records of an earlier run can arrive after those of a later one. */
  boolean overlaps() {
    return this == LATE_LANDINGS || this == HELD_ANSWER || this == PROCESS_FROZEN;
  }

  /** Whether it needs settings and a login that are fetched. */
  boolean remote() {
    return this == CONFIGURATION_FAILURES || this == SECRET_ROTATED;
  }

  boolean ownProcess() {
    return name().startsWith("PROCESS_");
  }
}

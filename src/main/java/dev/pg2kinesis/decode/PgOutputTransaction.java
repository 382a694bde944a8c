package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Commit;
import java.time.Instant;

/** The messages around a transaction's changes: Begin, Origin and Commit. */
final class PgOutputTransaction {

  private static final long POSTGRES_EPOCH_SECOND = 946_684_800;
  private static final long MICROS = 1_000_000;

  private PgOutputTransaction() {}

  /** Checks a Begin message; what it says, the Commit message says too. */
  static void begin(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Begin");
    in.int64("final LSN");
    in.int64("commit time");
    in.int32("xid");
    in.end();
  }

  /** Checks an Origin message. */
  static void origin(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Origin");
    in.int64("commit LSN");
    in.string("name");
    in.end();
  }

  /** Reads a Commit message, whose row stands at the end of the commit record. */
  static Commit commit(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Commit");
    if (in.int8("flags") != 0) {
      throw in.expectedBefore("flags", "0");
    }
    in.int64("commit LSN");
    in.rowLsn("end LSN");
    long micros = in.int64("commit time");
    in.end();
    return new Commit(row.xid(), row.lsn(), time(micros));
  }

  /** The instant a number of microseconds after 2000-01-01 00:00 UTC. */
  private static Instant time(long micros) {
    return Instant.ofEpochSecond(
        POSTGRES_EPOCH_SECOND + Math.floorDiv(micros, MICROS),
        Math.floorMod(micros, MICROS) * 1000);
  }
}

package dev.pg2kinesis.chaos;

/** What can be wrong in a product that looks right. */
enum Flaw {
  /** Nothing: the parts are put together as they should be. */
  NONE,
  /** The slot advances over what was handed over, before it is acknowledged. */
  ADVANCE_BEFORE_PUBLISH,
  /** Only the refused entries of a request are sent again. */
  RESEND_ONLY_REFUSED,
  /** {@code pg_current_wal_lsn()} is the bound, and not the flush LSN. */
  WRITE_LSN,
  /** Two runs can hold the slot's lock. */
  NO_LOCK,
  /** Runs do not look at the time. */
  NO_DEADLINE,
  /** The watermark is written after the advance. */
  WATERMARK_AFTER_ADVANCE,
  /** Rows of a peek that failed come again with the next one. */
  SPOOL_REUSED
}

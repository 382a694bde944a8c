package dev.pg2kinesis.slot;

/**
 * Where the WAL ends that a server can decode. PostgreSQL documentation, "Backup Control Functions"
 * and "Recovery Control Functions".
 */
final class WalEnd {

  /**
   * An SQL expression. On a writer it is the flush LSN, never the write LSN (pg_current_wal_lsn):
   * WAL that is not flushed is not decoded either, so advancing over it would lose changes. A
   * standby decodes what it has replayed.
   */
  static final String SQL =
      "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
          + " ELSE pg_current_wal_flush_lsn() END";

  private WalEnd() {}
}

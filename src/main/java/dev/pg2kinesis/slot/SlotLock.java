package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The advisory lock that keeps runs of one slot apart. The slot itself excludes a second reader
 * only while it decodes. PostgreSQL documentation, "Advisory Lock Functions" and "pg_locks".
 */
final class SlotLock {

  private static final String KEY = "hashtextextended('pg2kinesis-lambda ' || ?, 0)";

  /** An expression: whether this session holds the lock. Its parameter is the slot's name. */
  static final String IS_HELD =
      "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
          + " AND objsubid = 1 AND (classid::int8 << 32) | objid::int8 = "
          + KEY
          + ")";

  private SlotLock() {}

  /**
   * Takes the lock for as long as the session lasts.
   *
   * @throws SlotException with {@link Code#BUSY} if another session has it
   */
  static void take(Session session, String slot) throws SQLException {
    try (PreparedStatement statement =
            session.prepare("SELECT pg_try_advisory_lock(" + KEY + ")", slot);
        ResultSet row = statement.executeQuery()) {
      row.next();
      if (!row.getBoolean(1)) {
        throw new SlotException(
            Code.BUSY, "another run holds the lock of slot " + slot + ".", null);
      }
    }
  }

  /** The session does not hold the lock that it took. */
  static SlotException lost(String slot) {
    return new SlotException(
        Code.LOCK_LOST,
        "the database session does not hold the lock of slot "
            + slot
            + " any more, as happens behind a pooler that hands each statement to any session"
            + " (PgBouncer in transaction mode). Point PGHOST at the database itself.",
        null);
  }
}

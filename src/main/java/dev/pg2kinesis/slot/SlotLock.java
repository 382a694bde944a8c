package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/**
 * The advisory lock that allows one run per slot. The slot itself excludes a second reader only
 * while the server decodes. PostgreSQL documentation, "Advisory Lock Functions".
 *
 * @param slot the slot's name
 * @param mark the value of a setting of the session that took the lock. A pooler that sends a
 *     statement to another session, resets this one or lends it to another run loses the mark
 *     together with the lock
 */
record SlotLock(String slot, String mark) {

  /** An SQL expression: whether this session holds the lock. Its parameter is the mark. */
  static final String IS_HELD = "coalesce(current_setting('pg2kinesis.lock', true) = ?, false)";

  /**
   * Takes the lock until the session ends.
   *
   * @throws SlotException with {@link Code#BUSY} if another session has it
   */
  static SlotLock take(Session session, String slot) throws SQLException {
    SlotLock lock = new SlotLock(slot, UUID.randomUUID().toString());
    lock.takeIn(session);
    return lock;
  }

  /** Takes the lock in a session that does not hold it yet. */
  void takeIn(Session session) throws SQLException {
    try (PreparedStatement statement =
            session.prepare(
                "SELECT pg_try_advisory_lock(hashtextextended('pg2kinesis-lambda ' || ?, 0)),"
                    + " set_config('pg2kinesis.lock', ?, false)",
                slot,
                mark);
        ResultSet row = statement.executeQuery()) {
      row.next();
      if (!row.getBoolean(1)) {
        throw new SlotException(
            Code.BUSY, "another run holds the lock of slot " + slot + ".", null);
      }
    }
  }

  /** The error for a session that does not hold the lock. */
  SlotException lost() {
    return new SlotException(
        Code.LOCK_LOST,
        "the database session does not hold the lock of slot "
            + slot
            + " any more, as happens behind a pooler that hands each statement to any session"
            + " (PgBouncer in transaction mode). Point PGHOST at the database itself.",
        null);
  }
}

package dev.pg2kinesis.slot;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * After how much WAL, and after how long, the server gives a slot up that nobody reads. PostgreSQL
 * documentation, "Sending Servers".
 *
 * @param keepMegabytes {@code max_slot_wal_keep_size}, -1 for unlimited; null before 13
 * @param idleSeconds {@code idle_replication_slot_timeout}; null if it is off, and before 18
 */
public record SlotLimits(@Nullable Long keepMegabytes, @Nullable Long idleSeconds) {

  private static final String SETTINGS =
      """
      SELECT
        (SELECT setting::int8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
        (SELECT nullif(extract(epoch FROM (setting || ' ' || unit)::interval)::int8, 0)
          FROM pg_settings WHERE name = 'idle_replication_slot_timeout')
      """;

  static SlotLimits read(Session session) throws SQLException {
    try (PreparedStatement statement = session.prepare(SETTINGS);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new SlotLimits(row.getObject(1, Long.class), row.getObject(2, Long.class));
    }
  }
}

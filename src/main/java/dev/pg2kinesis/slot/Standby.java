package dev.pg2kinesis.slot;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How a standby replays, as far as it matters to its slots. PostgreSQL documentation, "Logical
 * Decoding Concepts" and "Recovery Control Functions".
 *
 * @param feedback {@code hot_standby_feedback}: whether the primary keeps rows of the catalog that
 *     the standby's slots still need
 * @param primarySlot {@code primary_slot_name}, with which it keeps them also while the standby is
 *     away; null if it is not set, or the role may not see it
 * @param paused whether replay was paused, so that nothing new can be read
 */
public record Standby(boolean feedback, @Nullable String primarySlot, boolean paused) {

  private static final String QUERY =
      """
      SELECT current_setting('hot_standby_feedback')::bool,
        (SELECT nullif(setting, '') FROM pg_settings WHERE name = 'primary_slot_name'),
        pg_is_wal_replay_paused()
      WHERE pg_is_in_recovery()
      """;

  /** Null if the server is not a standby. */
  static @Nullable Standby read(Session session) throws SQLException {
    try (PreparedStatement statement = session.prepare(QUERY);
        ResultSet row = statement.executeQuery()) {
      return row.next()
          ? new Standby(row.getBoolean(1), row.getString(2), row.getBoolean(3))
          : null;
    }
  }
}

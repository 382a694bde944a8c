package dev.pg2kinesis.slot;

import dev.pg2kinesis.decode.Plugin;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * A temporary copy of a slot, which can be read with another plugin and moved while the slot itself
 * stays where it is. The server drops it with the session at the latest. PostgreSQL documentation,
 * "Replication Management Functions" (12 and newer).
 *
 * @param name the copy's name
 */
record TemporaryCopy(Session session, String name) implements AutoCloseable {

  static final int SINCE = 120_000;

  /** The names of temporary slots are unique in the cluster, and so is a backend's process ID. */
  private static final String NAME = "'pg2kinesis_copy_' || pg_backend_pid()";

  /**
   * Copies a slot, positions included.
   *
   * @throws SQLException if there is no free slot, or the plugin may not be used
   */
  static TemporaryCopy of(Session session, String slot, Plugin plugin) throws SQLException {
    return new TemporaryCopy(
        session,
        session.query(
            "SELECT slot_name FROM pg_copy_logical_replication_slot(?, " + NAME + ", true, ?)",
            slot,
            plugin.slotName()));
  }

  @Override
  public void close() throws SQLException {
    try (PreparedStatement statement =
        session.prepare("SELECT pg_drop_replication_slot(?)", name)) {
      statement.execute();
    }
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster and timeline the server is on, and how that timeline relates to an earlier one.
 * PostgreSQL documentation, "Timelines" and "System Information Functions".
 *
 * @param systemIdentifier identifies the cluster; standbys and restored copies share it
 * @param id the present timeline; each promotion and each point-in-time recovery starts a new one
 * @param synced whether a standby copied the slot from its primary
 * @param relation how the present timeline relates to the earlier one
 * @param forkedAt where this server's WAL left the earlier timeline, for {@link Relation#ANCESTOR}
 */
public record Timeline(
    String systemIdentifier, long id, boolean synced, Relation relation, @Nullable Lsn forkedAt) {

  /** How the present timeline relates to an earlier one. */
  public enum Relation {
    /** They are the same, or no earlier one was given. */
    SAME,
    /** The earlier one is an ancestor: both share the WAL up to the fork. */
    ANCESTOR,
    /** The server's history does not contain the earlier one. */
    UNRELATED,
    /** The role may not read the history file. */
    UNKNOWN
  }

  /**
   * Reads the present timeline.
   *
   * @param slot whose copy {@link #synced()} tells of
   * @param earlier the ID of a timeline that was seen before, or null
   */
  static Timeline read(Session session, String slot, @Nullable Long earlier) throws SQLException {
    String synced = session.version() >= SlotRow.FAILOVER_SINCE ? "synced" : "false";
    try (PreparedStatement statement =
            session.prepare(
                "SELECT (SELECT system_identifier::text FROM pg_control_system()),"
                    + " left(pg_walfile_name(pg_current_wal_flush_lsn()), 8),"
                    + " coalesce((SELECT "
                    + synced
                    + " FROM pg_replication_slots WHERE slot_name = ?), false),"
                    + " has_function_privilege("
                    + "'pg_catalog.pg_read_file(text, bigint, bigint, boolean)', 'execute')",
                slot);
        ResultSet row = statement.executeQuery()) {
      row.next();
      String hex = row.getString(2);
      long id = Long.parseLong(hex, 16);
      if (earlier == null || earlier == id) {
        return new Timeline(row.getString(1), id, row.getBoolean(3), Relation.SAME, null);
      }
      String file = row.getBoolean(4) ? file(session, hex) : null;
      Lsn forkedAt = file == null ? null : forkOf(file, earlier);
      Relation relation =
          file == null
              ? Relation.UNKNOWN
              : forkedAt == null ? Relation.UNRELATED : Relation.ANCESTOR;
      return new Timeline(row.getString(1), id, row.getBoolean(3), relation, forkedAt);
    }
  }

  private static @Nullable String file(Session session, String timeline) throws SQLException {
    try (PreparedStatement statement =
            session.prepare(
                "SELECT pg_read_file('pg_wal/' || ? || '.history', 0, 1000000, true)", timeline);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** A line of a history file holds a timeline, where it was left, and why, separated by tabs. */
  static @Nullable Lsn forkOf(String file, long timeline) {
    for (String line : file.split("\n", -1)) {
      String[] fields = line.strip().split("\t", -1);
      if (fields.length >= 2 && fields[0].equals(Long.toString(timeline))) {
        return Lsn.parse(fields[1]);
      }
    }
    return null;
  }
}

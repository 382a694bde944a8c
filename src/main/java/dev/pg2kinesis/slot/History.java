package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster a server is, and which of the timelines that its WAL may have branched into.
 * PostgreSQL documentation, "Timelines" and "System Information Functions".
 *
 * @param systemIdentifier of the cluster; standbys and restored copies have the same
 * @param timeline the present one; each promotion and each recovery to a point in time starts one
 * @param synced whether the slot is a copy that a standby kept of its primary's
 * @param origin what is known of the timeline that was asked about
 * @param forkedAt where this server's WAL left that timeline, if {@link Origin#ANCESTOR}
 */
public record History(
    String systemIdentifier, long timeline, boolean synced, Origin origin, @Nullable Lsn forkedAt) {

  /** How another timeline relates to the present one. */
  public enum Origin {
    /** It is the present one, or none was asked about. */
    SAME,
    /** WAL up to a position is common to both. */
    ANCESTOR,
    /** The server's history does not have it. */
    FOREIGN,
    /** The role may not read the history file. */
    UNKNOWN
  }

  static History read(Session session, String slot, @Nullable Long since) throws SQLException {
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
      long timeline = Long.parseLong(hex, 16);
      if (since == null || since == timeline) {
        return new History(row.getString(1), timeline, row.getBoolean(3), Origin.SAME, null);
      }
      String file = row.getBoolean(4) ? file(session, hex) : null;
      Lsn forkedAt = file == null ? null : forkOf(file, since);
      Origin origin =
          file == null ? Origin.UNKNOWN : forkedAt == null ? Origin.FOREIGN : Origin.ANCESTOR;
      return new History(row.getString(1), timeline, row.getBoolean(3), origin, forkedAt);
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

  /** Lines of a history file are a timeline, the position it was left at, and why, by tabs. */
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

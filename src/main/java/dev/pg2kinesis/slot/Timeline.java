package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster and timeline the server is on, and how that timeline relates to an earlier one.
 * PostgreSQL documentation, "Timelines" and "System Information Functions".
 *
 * @param systemIdentifier identifies the cluster; standbys and restored copies share it
 * @param id the present timeline; each promotion and each point-in-time recovery starts a new one.
 *     A standby's is the one that it replays, as far as the role may see it
 * @param standby whether the server is a standby: its WAL goes on although it writes none
 * @param synced whether a standby copied the slot from its primary
 * @param relation how the present timeline relates to the earlier one
 * @param forkedAt where this server's WAL left the earlier timeline, for {@link Relation#ANCESTOR}
 */
public record Timeline(
    String systemIdentifier,
    long id,
    boolean standby,
    boolean synced,
    Relation relation,
    @Nullable Lsn forkedAt) {

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
   * An SQL expression: the present timeline. A standby cannot name that of its last record. Its
   * control file does, but only since the last restartpoint, minutes ago.
   */
  static final String ID =
      """
      CASE WHEN pg_is_in_recovery()
        THEN greatest((SELECT timeline_id FROM pg_control_checkpoint()),
          (SELECT min_recovery_end_timeline FROM pg_control_recovery()))::int8
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int8 END""";

  /** How many timelines a standby may have passed since its control file was written. */
  private static final int NEWER_TIMELINES = 8;

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
                "SELECT (SELECT system_identifier::text FROM pg_control_system()), "
                    + ID
                    + ", pg_is_in_recovery(), ("
                    + WalEnd.SQL
                    + ")::text, coalesce((SELECT "
                    + synced
                    + " FROM pg_replication_slots WHERE slot_name = ?), false),"
                    + " has_function_privilege("
                    + "'pg_catalog.pg_read_file(text, bigint, bigint, boolean)', 'execute')",
                slot);
        ResultSet row = statement.executeQuery()) {
      row.next();
      boolean standby = row.getBoolean(3);
      boolean readable = row.getBoolean(6);
      long id = row.getLong(2);
      if (standby && readable) {
        id = replayed(session, id, Lsn.parse(row.getString(4)));
      }
      if (earlier == null || earlier == id) {
        return new Timeline(row.getString(1), id, standby, row.getBoolean(5), Relation.SAME, null);
      }
      String file = readable ? file(session, id) : null;
      Lsn forkedAt = file == null ? null : forkOf(file, earlier);
      Relation relation =
          file == null
              ? Relation.UNKNOWN
              : forkedAt == null ? Relation.UNRELATED : Relation.ANCESTOR;
      return new Timeline(row.getString(1), id, standby, row.getBoolean(5), relation, forkedAt);
    }
  }

  /**
   * The timeline of a position that a standby has replayed. It has the history file of each
   * timeline that it follows, and follows one once it is past the fork.
   *
   * @param known the timeline in its control file
   */
  private static long replayed(Session session, long known, Lsn position) throws SQLException {
    long newest = known;
    for (long id = known + 1; id <= known + NEWER_TIMELINES; id++) {
      String file = file(session, id);
      Lsn fork = file == null || forkOf(file, known) == null ? null : lastFork(file);
      if (fork != null && position.isAfter(fork)) {
        newest = id;
      }
    }
    return newest;
  }

  private static @Nullable String file(Session session, long timeline) throws SQLException {
    try (PreparedStatement statement =
            session.prepare(
                "SELECT pg_read_file('pg_wal/' || ? || '.history', 0, 1000000, true)",
                String.format(Locale.ROOT, "%08X", timeline));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Where the last of the ancestors in a history file was left. */
  static @Nullable Lsn lastFork(String file) {
    Lsn last = null;
    for (String line : file.split("\n", -1)) {
      String[] fields = line.strip().split("\t", -1);
      if (fields.length >= 2 && !fields[0].startsWith("#")) {
        last = Lsn.parse(fields[1]);
      }
    }
    return last;
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

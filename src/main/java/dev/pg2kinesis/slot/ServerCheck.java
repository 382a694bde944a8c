package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the server and the publications for causes that the server's own errors do not name. */
final class ServerCheck {

  /** The server version from which on a standby decodes. */
  static final int DECODING_STANDBYS_SINCE = 160_000;

  private static final String AT_THE_WRITER =
      "Point PGHOST at the writer (on RDS the cluster or instance endpoint, not the reader's).";

  private static final String NOTHING_LOST = " Nothing is lost: the slot keeps its place.";

  private ServerCheck() {}

  /** Whether the server is a standby. */
  static boolean isStandby(Session session) throws SQLException {
    return "true".equals(session.query("SELECT pg_is_in_recovery()::text"));
  }

  /**
   * The level at which the server writes WAL, or will once there is a logical slot: PostgreSQL 19
   * raises {@code replica} to {@code logical} with the first one, and reports the level in use as
   * {@code effective_wal_level}. A standby follows its primary.
   */
  static final String WAL_LEVEL_SQL =
      """
      CASE WHEN current_setting('effective_wal_level', true) IS NULL
        THEN current_setting('wal_level')
      WHEN pg_is_in_recovery() OR current_setting('wal_level') = 'minimal'
        THEN current_setting('effective_wal_level')
      ELSE 'logical' END
      """;

  /** Checks that the server writes, or will write, WAL for logical decoding. */
  static void checkWalLevel(Session session) throws SQLException {
    String walLevel = session.query("SELECT " + WAL_LEVEL_SQL);
    if (!"logical".equals(walLevel)) {
      throw new SlotException(
          Code.WAL_LEVEL,
          "wal_level is "
              + walLevel
              + ". Set it to logical (ALTER SYSTEM SET wal_level = logical; on RDS:"
              + " rds.logical_replication = 1 in the parameter group) and restart the server.",
          null);
    }
  }

  /** Checks that a standby of that version can decode. */
  static void checkStandby(int version) {
    if (version < DECODING_STANDBYS_SINCE) {
      throw new SlotException(
          Code.SERVER_IN_RECOVERY,
          "the server is a standby, and PostgreSQL "
              + version / 10_000
              + " reads slots on the writer only. "
              + AT_THE_WRITER
              + " From 16 on a standby can be read too."
              + NOTHING_LOST,
          null);
    }
  }

  /** Checks that a standby has a slot that can be read there. */
  static void checkStandby(int version, @Nullable SlotRow slot, String name) {
    checkStandby(version);
    if (slot == null) {
      throw new SlotException(
          Code.SERVER_IN_RECOVERY,
          "the server is a standby, and it has no slot "
              + name
              + ": a standby does not have the slots of its primary. "
              + AT_THE_WRITER
              + " To read the standby, create a slot there with {\"action\":\"create-slot\"}. If it"
              + " had the slot before, changes may be missing from the stream: the slot was dropped,"
              + " or the standby was built again.",
          null);
    }
    if (Boolean.TRUE.equals(slot.synced())) {
      throw new SlotException(
          Code.SERVER_IN_RECOVERY,
          "the server is a standby, and its slot "
              + name
              + " is a copy of the primary's, which cannot be read before the standby is promoted. "
              + AT_THE_WRITER
              + " To read the standby, set SLOT_NAME to another name and create that slot there."
              + NOTHING_LOST,
          null);
    }
  }

  /** Checks that the publications exist now. */
  static void checkPublications(Session session, List<String> publications) throws SQLException {
    if (publications.isEmpty()) {
      throw new SlotException(
          Code.PUBLICATION_MISSING,
          "the slot's plugin is pgoutput, which needs publications. Set PUBLICATION_NAMES.",
          null);
    }
    List<String> missing = missing(session, publications);
    if (!missing.isEmpty()) {
      throw new SlotException(
          Code.PUBLICATION_MISSING,
          "publication "
              + String.join(", ", missing)
              + " does not exist in this database. Run CREATE PUBLICATION, before the slot is"
              + " created, or correct PUBLICATION_NAMES.",
          null);
    }
  }

  static List<String> missing(Session session, List<String> publications) throws SQLException {
    List<String> missing = new ArrayList<>(publications);
    try (PreparedStatement statement = session.prepare("SELECT pubname FROM pg_publication");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        missing.remove(rows.getString(1));
      }
    }
    return missing;
  }

  /** The database of the session. */
  static String database(Session session) throws SQLException {
    try (PreparedStatement statement = session.prepare("SELECT current_database()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}

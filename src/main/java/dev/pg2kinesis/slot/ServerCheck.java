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

  private ServerCheck() {}

  /** Checks that the server is a writer with {@code wal_level=logical}. */
  static void check(Session session) throws SQLException {
    try (PreparedStatement statement =
            session.prepare("SELECT pg_is_in_recovery(), current_setting('wal_level')");
        ResultSet row = statement.executeQuery()) {
      row.next();
      SlotException problem = problem(row.getBoolean(1), row.getString(2));
      if (problem != null) {
        throw problem;
      }
    }
  }

  static @Nullable SlotException problem(boolean inRecovery, String walLevel) {
    if (inRecovery) {
      return new SlotException(
          Code.SERVER_IN_RECOVERY,
          "the server is a standby, and slots are read on the writer. Point PGHOST at the writer"
              + " (on RDS the cluster or instance endpoint, not the reader's).",
          null);
    }
    if (!"logical".equals(walLevel)) {
      return new SlotException(
          Code.WAL_LEVEL,
          "wal_level is "
              + walLevel
              + ". Set it to logical (ALTER SYSTEM SET wal_level = logical; on RDS:"
              + " rds.logical_replication = 1 in the parameter group) and restart the server.",
          null);
    }
    return null;
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

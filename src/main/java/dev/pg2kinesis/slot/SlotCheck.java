package dev.pg2kinesis.slot;

import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the server, the slot and the publications before anything is read, so that each thing
 * that can be wrong has an error of its own; the server's errors share SQLSTATEs.
 */
final class SlotCheck {

  private SlotCheck() {}

  /**
   * Checks that the slot can be read in this session.
   *
   * @return the slot's plugin
   */
  static Plugin check(Session session, String name, List<String> publications) throws SQLException {
    try (PreparedStatement statement =
            session.prepare(
                "SELECT pg_is_in_recovery(), current_setting('wal_level'), s.slot_type, s.plugin,"
                    + " s.database, current_database(), s.restart_lsn IS NULL, "
                    + (session.version() >= 130_000 ? "s.wal_status" : "NULL::text")
                    + " FROM (SELECT) AS one LEFT JOIN pg_replication_slots s ON s.slot_name = ?",
                name);
        ResultSet row = statement.executeQuery()) {
      row.next();
      if (row.getBoolean(1)) {
        throw new SlotException(
            Code.SERVER_IN_RECOVERY,
            "the server is a standby, and slots are read on the writer. Point PGHOST at the"
                + " writer.",
            null);
      }
      if (!"logical".equals(row.getString(2))) {
        throw new SlotException(
            Code.WAL_LEVEL,
            "wal_level is "
                + row.getString(2)
                + ". Set it to logical (on RDS: rds.logical_replication = 1 in the parameter group)"
                + " and restart the server.",
            null);
      }
      if (row.getString(3) == null) {
        throw missing(name);
      }
      if (!"logical".equals(row.getString(3))) {
        throw new SlotException(
            Code.SLOT_PHYSICAL,
            "slot " + name + " is a physical slot. Set SLOT_NAME to a logical one.",
            null);
      }
      if (!row.getString(6).equals(row.getString(5))) {
        throw new SlotException(
            Code.SLOT_OTHER_DATABASE,
            "slot "
                + name
                + " belongs to database "
                + row.getString(5)
                + ", this session is in "
                + row.getString(6)
                + ". Set PGDATABASE or SLOT_NAME to match.",
            null);
      }
      if (row.getBoolean(7) || "lost".equals(row.getString(8))) {
        throw lost(name, row.getString(8));
      }
      Plugin plugin = plugin(row.getString(4), name);
      if (plugin == Plugin.PGOUTPUT) {
        checkPublications(session, publications);
      }
      return plugin;
    }
  }

  private static Plugin plugin(String plugin, String name) {
    return Plugin.ofSlot(plugin)
        .orElseThrow(
            () ->
                new SlotException(
                    Code.PLUGIN_UNSUPPORTED,
                    "slot "
                        + name
                        + " uses the output plugin "
                        + plugin
                        + "; pgoutput, test_decoding and wal2json can be read. Create a slot with"
                        + " one of these.",
                    null));
  }

  private static void checkPublications(Session session, List<String> publications)
      throws SQLException {
    if (publications.isEmpty()) {
      throw new SlotException(
          Code.PUBLICATION_MISSING,
          "the slot's plugin is pgoutput, which needs publications. Set PUBLICATION_NAMES.",
          null);
    }
    List<String> missing = new ArrayList<>(publications);
    try (PreparedStatement statement = session.prepare("SELECT pubname FROM pg_publication");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        missing.remove(rows.getString(1));
      }
    }
    if (!missing.isEmpty()) {
      throw new SlotException(
          Code.PUBLICATION_MISSING,
          "publication "
              + String.join(", ", missing)
              + " does not exist. Run CREATE PUBLICATION, before the slot is created, or correct"
              + " PUBLICATION_NAMES.",
          null);
    }
  }

  static SlotException missing(String name) {
    return new SlotException(
        Code.SLOT_MISSING,
        "there is no slot "
            + name
            + ". If it never was, create it with {\"action\":\"create-slot\"}; if it was, changes"
            + " since may be missing from the stream: see the runbook before creating it again.",
        null);
  }

  static SlotException lost(String name, @Nullable String walStatus) {
    return new SlotException(
        Code.SLOT_LOST,
        "slot "
            + name
            + " was invalidated by the server (wal_status "
            + walStatus
            + "): the WAL it needs is gone, and changes are missing from the stream. Drop it,"
            + " create it again and load the tables anew; raise max_slot_wal_keep_size.",
        null);
  }
}

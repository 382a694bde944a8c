package dev.pg2kinesis.slot;

import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a slot before anything is read, so that every cause gets its own error code: the server's
 * errors share SQLSTATEs.
 */
final class SlotCheck {

  private SlotCheck() {}

  /**
   * Checks that the slot can be read in this session.
   *
   * @return the slot's plugin
   */
  static Plugin check(Session session, String name, List<String> publications) throws SQLException {
    SlotRow found = SlotRow.read(session, name);
    if (ServerCheck.isStandby(session)) {
      ServerCheck.checkStandby(session.version(), found, name);
    }
    ServerCheck.checkWalLevel(session);
    SlotRow slot = check(found, name, ServerCheck.database(session));
    if (slot.isLost()) {
      throw lost(slot);
    }
    if (Boolean.TRUE.equals(slot.twoPhase())) {
      throw twoPhase(name);
    }
    Plugin plugin = plugin(slot.plugin(), name);
    if (plugin == Plugin.PGOUTPUT) {
      ServerCheck.checkPublications(session, publications);
    }
    return plugin;
  }

  /** Checks that the slot exists, is logical and belongs to this database. */
  static SlotRow check(@Nullable SlotRow slot, String name, String database) {
    if (slot == null) {
      throw missing(name);
    }
    if (!slot.isLogical()) {
      throw new SlotException(
          Code.SLOT_PHYSICAL,
          "slot "
              + name
              + " is a physical slot, which belongs to a standby or a backup. Set SLOT_NAME to a"
              + " logical one.",
          null);
    }
    if (!database.equals(slot.database())) {
      throw new SlotException(
          Code.SLOT_OTHER_DATABASE,
          "slot "
              + name
              + " belongs to database "
              + slot.database()
              + ", this session is in "
              + database
              + ". Set PGDATABASE or SLOT_NAME to match.",
          null);
    }
    return slot;
  }

  static Plugin plugin(@Nullable String plugin, String name) {
    return Plugin.ofSlot(String.valueOf(plugin))
        .orElseThrow(
            () ->
                new SlotException(
                    Code.PLUGIN_UNSUPPORTED,
                    "the output plugin of slot "
                        + name
                        + " is "
                        + plugin
                        + "; pgoutput, test_decoding and wal2json can be read. Create a slot with"
                        + " one of these.",
                    null));
  }

  static SlotException missing(String name) {
    return new SlotException(
        Code.SLOT_MISSING,
        "there is no slot "
            + name
            + ". If there never was one, create it with {\"action\":\"create-slot\"}. If there was,"
            + " it was dropped or did not survive a failover or a restore: load the tables anew"
            + " after creating it.",
        null);
  }

  private static SlotException twoPhase(String name) {
    return new SlotException(
        Code.SLOT_TWO_PHASE,
        "slot "
            + name
            + " was created with two_phase and emits transactions when they are prepared, before"
            + " it is known whether they commit, and not again when they do. Create another slot"
            + " without two_phase, and load the tables anew.",
        null);
  }

  static SlotException lost(SlotRow slot) {
    return new SlotException(
        Code.SLOT_LOST,
        "the server invalidated slot "
            + slot.name()
            + " ("
            + (slot.invalidation() != null
                ? "invalidation_reason " + slot.invalidation()
                : "wal_status " + slot.walStatus())
            + "), and what it needs is gone. Run {\"action\":\"drop-slot\",\"confirm\":\""
            + slot.name()
            + "\"} and {\"action\":\"create-slot\"}, load the tables again, and "
            + prevention(String.valueOf(slot.invalidation())),
        null);
  }

  private static final String FEEDBACK =
      "set hot_standby_feedback = on on the standby, and primary_slot_name to a slot of the primary";

  private static final String WAL_LEVEL = "keep wal_level = logical on the primary";

  /** What keeps the slot from being invalidated for the same reason again. */
  private static String prevention(String reason) {
    return switch (reason) {
      case "idle_timeout" ->
          "poll more often than every idle_replication_slot_timeout, or raise it: nothing had read"
              + " the slot for that long.";
      case "rows_removed" -> FEEDBACK + ": the primary removed rows that the slot needed.";
      case "wal_level_insufficient" -> WAL_LEVEL + ".";
      case "conflict" -> // PostgreSQL 16 does not say which of the two it was
          FEEDBACK + ", and " + WAL_LEVEL + ": the slot of this standby needed both.";
      default -> "raise max_slot_wal_keep_size or poll more often.";
    };
  }
}

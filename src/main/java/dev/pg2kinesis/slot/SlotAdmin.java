package dev.pg2kinesis.slot;

import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates and drops slots on an operator's command. PostgreSQL documentation, "Replication
 * Management Functions".
 */
public final class SlotAdmin {

  /**
   * A busy primary logs its running transactions every 15 s, an idle one not at all. PostgreSQL's
   * source, LOG_SNAPSHOT_INTERVAL_MS in bgwriter.c.
   */
  private static final Duration STANDBY_LIMIT = Duration.ofSeconds(60);

  private SlotAdmin() {}

  /**
   * The slot that the operator wants.
   *
   * @param plugin its output plugin; null for pgoutput if there are publications, else
   *     test_decoding
   * @param failover whether standbys keep a copy of it (PostgreSQL 17 and newer); null accepts
   *     both, and creates a slot without
   * @param publications what pgoutput will read
   */
  public record Wanted(
      String name, @Nullable String plugin, @Nullable Boolean failover, List<String> publications) {

    String pluginOrDefault() {
      if (plugin != null) {
        return plugin;
      }
      return publications.isEmpty() ? "test_decoding" : "pgoutput";
    }
  }

  /**
   * A slot that exists now.
   *
   * @param created false if it existed before
   * @param limits when the server gives it up
   * @param standby how the server replays; null if it is not a standby
   */
  public record Created(
      boolean created, SlotRow slot, SlotLimits limits, @Nullable Standby standby) {

    private static Created of(Session session, boolean created, SlotRow slot) throws SQLException {
      return new Created(created, slot, SlotLimits.read(session), Standby.read(session));
    }
  }

  /**
   * Creates a slot, or finds an existing one that is as wanted.
   *
   * @param maxDuration how long it may take: the server waits for all open transactions to end; on
   *     a standby at most a minute, because it may wait for ever
   * @throws SlotException if it cannot be created, or one exists that is not as wanted
   */
  public static Created create(Database database, Wanted wanted, Duration maxDuration) {
    try (Session session = Session.open(database, maxDuration)) {
      try {
        SlotLock.take(session, wanted.name());
        boolean standby = ServerCheck.isStandby(session);
        if (standby) {
          ServerCheck.checkStandby(session.version());
        }
        ServerCheck.checkWalLevel(session);
        checkWanted(session, wanted, standby);
        SlotRow existing = SlotRow.read(session, wanted.name());
        if (existing != null) {
          if (standby) {
            ServerCheck.checkStandby(session.version(), existing, wanted.name());
          }
          checkEqual(existing, wanted, ServerCheck.database(session));
          return Created.of(session, false, existing);
        }
        create(session, wanted, standby, maxDuration);
        SlotRow created = SlotRow.read(session, wanted.name());
        if (created == null) {
          throw SlotCheck.missing(wanted.name());
        }
        return Created.of(session, true, created);
      } catch (SQLException e) {
        throw SqlFailure.of(e, "creating the slot");
      }
    }
  }

  private static void checkWanted(Session session, Wanted wanted, boolean standby)
      throws SQLException {
    Plugin plugin = SlotCheck.plugin(wanted.pluginOrDefault(), wanted.name());
    if (Boolean.TRUE.equals(wanted.failover()) && session.version() < SlotRow.FAILOVER_SINCE) {
      throw new SlotException(
          Code.SERVER_UNSUPPORTED,
          "failover slots exist from PostgreSQL 17 on, and the server is PostgreSQL "
              + session.version() / 10_000
              + ". Leave failover out, and create the slot again after a"
              + " failover.",
          null);
    }
    if (Boolean.TRUE.equals(wanted.failover()) && standby) {
      throw new SlotException(
          Code.SERVER_UNSUPPORTED,
          "the server is a standby, and only slots of the primary can be failover slots. Leave"
              + " failover out: the slot stays when this standby is promoted.",
          null);
    }
    if (plugin == Plugin.PGOUTPUT) {
      ServerCheck.checkPublications(session, wanted.publications());
    }
  }

  private static void checkEqual(SlotRow slot, Wanted wanted, String database) {
    List<String> differences = new ArrayList<>();
    if (!slot.isLogical()) {
      differences.add("it is a physical slot");
    } else {
      if (!wanted.pluginOrDefault().equals(slot.plugin())) {
        differences.add("its plugin is " + slot.plugin() + " and not " + wanted.pluginOrDefault());
      }
      if (!database.equals(slot.database())) {
        differences.add("it belongs to database " + slot.database() + " and not to " + database);
      }
    }
    Boolean failover = wanted.failover();
    if (failover != null && failover != Boolean.TRUE.equals(slot.failover())) {
      differences.add("its failover is " + slot.failover() + " and not " + failover);
    }
    if (!differences.isEmpty()) {
      throw new SlotException(
          Code.SLOT_EXISTS,
          "there is a slot "
              + slot.name()
              + " already, and "
              + String.join(", ", differences)
              + ". Nothing was changed. Request the slot as it exists, set SLOT_NAME to another name, or"
              + " drop it first.",
          null);
    }
    if (slot.isLost()) {
      throw SlotCheck.lost(slot);
    }
  }

  private static void create(Session session, Wanted wanted, boolean standby, Duration maxDuration)
      throws SQLException {
    // The server waits for open transactions to end; only statement_timeout limits that.
    try (PreparedStatement statement = session.prepare("SET lock_timeout = 0")) {
      statement.execute();
    }
    boolean failover = Boolean.TRUE.equals(wanted.failover());
    String plugin = wanted.pluginOrDefault();
    Duration limit =
        standby && maxDuration.compareTo(STANDBY_LIMIT) > 0 ? STANDBY_LIMIT : maxDuration;
    try (PreparedStatement statement =
        session.prepareWithin(
            limit,
            "SELECT pg_create_logical_replication_slot(?, ?"
                + (failover ? ", failover => true)" : ")"),
            wanted.name(),
            plugin)) {
      statement.execute();
    } catch (SQLException e) {
      throw standby ? failedOnStandby(e, plugin) : failed(e, plugin);
    }
  }

  private static SlotException failedOnStandby(SQLException e, String plugin) {
    SlotException refusal = ManagedRefusal.of(e);
    if (refusal != null) {
      return refusal;
    }
    return switch (String.valueOf(e.getSQLState())) {
      case "57014" ->
          new SlotException(
              Code.SLOT_CREATION_TIMEOUT,
              "a new slot of a standby starts where the primary logs its running transactions, once"
                  + " all that were open have ended, and time was up before. Run SELECT"
                  + " pg_log_standby_snapshot() on the primary, twice and while create-slot waits,"
                  + " and end transactions that stay open there. Nothing was created.",
              e);
      case "55000" ->
          new SlotException(
              Code.WAL_LEVEL,
              "the standby cannot create a slot ("
                  + SqlFailure.firstLine(e)
                  + "). Set wal_level = logical on the primary and restart it, then on the standby.",
              e);
      default -> failed(e, plugin);
    };
  }

  private static SlotException failed(SQLException e, String plugin) {
    String state = String.valueOf(e.getSQLState());
    if ((state.equals("42501") || state.equals("58P01"))
        && SqlFailure.firstLine(e).contains('"' + plugin + '"')) {
      return SlotFailure.ofPlugin(e, plugin);
    }
    return switch (state) {
      case "57014", "55P03" ->
          new SlotException(
              Code.SLOT_CREATION_TIMEOUT,
              "a new slot starts once all transactions that were open have ended, and time was up"
                  + " before. {\"action\":\"status\"} names them. Nothing was created.",
              e);
      case "53400" ->
          new SlotException(
              Code.SERVER_LIMIT,
              "all replication slots of the server are in use. Raise max_replication_slots and"
                  + " restart it, or drop a slot that nobody uses.",
              e);
      default -> SqlFailure.of(e, "creating the slot");
    };
  }

  /**
   * Drops a slot.
   *
   * @param maxDuration how long it may take
   * @return the slot as it was, or empty if there was none
   * @throws SlotException if it is in use, or not a logical slot of this database
   */
  public static Optional<SlotRow> drop(Database database, String name, Duration maxDuration) {
    try (Session session = Session.open(database, maxDuration)) {
      try {
        SlotLock.take(session, name);
        SlotRow slot = SlotRow.read(session, name);
        if (slot == null) {
          return Optional.empty();
        }
        SlotCheck.check(slot, name, ServerCheck.database(session));
        try (PreparedStatement statement =
            session.prepare("SELECT pg_drop_replication_slot(?)", name)) {
          statement.execute();
        }
        return Optional.of(slot);
      } catch (SQLException e) {
        throw SqlFailure.of(e, "dropping the slot");
      }
    }
  }
}

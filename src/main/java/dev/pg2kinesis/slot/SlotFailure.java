package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a statement on a slot failed if its SQLSTATE has several causes, by reading the
 * catalog again. The cause may have arisen after the slot was checked.
 */
final class SlotFailure {

  static final String READING = "reading the slot";
  static final String ADVANCING = "advancing the slot";

  /** The routine that warns of missing standbys, from PostgreSQL 17 on. */
  private static final String WAITING_FOR_STANDBYS = "StandbySlotsHaveCaughtup";

  /** The routines that find no publication, before PostgreSQL 12 and since. */
  private static final Set<String> LOOKING_UP_PUBLICATIONS =
      Set.of("GetPublicationByName", "get_publication_oid");

  private final Session session;
  private final String name;
  private final List<String> publications;

  SlotFailure(Session session, String name, List<String> publications) {
    this.session = session;
    this.name = name;
    this.publications = publications;
  }

  /** Why reading failed. */
  CodedException reading(SQLException e) {
    return of(e, READING, null);
  }

  /** Why advancing to a position failed. */
  CodedException advancing(SQLException e, Lsn to) {
    return of(e, ADVANCING, to);
  }

  private CodedException of(SQLException e, String doing, @Nullable Lsn to) {
    SlotException refusal = ManagedRefusal.of(e);
    if (refusal != null) {
      return refusal;
    }
    try {
      return switch (String.valueOf(e.getSQLState())) {
        case "42704" -> missing(e, doing);
        case "55000" -> notReady(e, doing, to);
        case "40001" -> conflict(e, doing);
        case "42501", "58P01" -> plugin(e, doing);
        case "57014" ->
            session.warnedBy(WAITING_FOR_STANDBYS) ? standbyBehind(e) : SqlFailure.of(e, doing);
        default -> other(e, doing);
      };
    } catch (SQLException lookup) {
      SlotException failure = SqlFailure.of(e, doing);
      failure.addSuppressed(lookup);
      return failure;
    } catch (SlotException found) {
      found.addSuppressed(e);
      return found;
    }
  }

  /** A slot is missing, or a publication is; or it did not exist yet when the WAL was written. */
  private CodedException missing(SQLException e, String doing) throws SQLException {
    SlotCheck.check(session, name, publications);
    return LOOKING_UP_PUBLICATIONS.contains(SqlFailure.routine(e))
        ? publicationTooNew(e)
        : other(e, doing);
  }

  /** What is not known otherwise is the decoding itself, while the slot is read. */
  private CodedException other(SQLException e, String doing) {
    return doing.equals(READING) && UndecodableException.mayBe(e)
        ? UndecodableException.of(e, name)
        : SqlFailure.of(e, doing);
  }

  private SlotException standbyBehind(SQLException e) {
    return new SlotException(
        Code.STANDBY_BEHIND,
        "the server holds the changes of failover slot "
            + name
            + " back until the standbys in synchronized_standby_slots have them, and one does not"
            + " connect. Bring it back, or take its slot out of that setting.",
        e);
  }

  /** The server warned that a publication did not exist when the WAL was written. */
  SlotException publicationTooNew() {
    return publicationTooNew(null);
  }

  private SlotException publicationTooNew(@Nullable SQLException e) {
    return new SlotException(
        Code.PUBLICATION_TOO_NEW,
        "slot "
            + name
            + " is at WAL that was written before publication "
            + String.join(", ", publications)
            + " was created, and pgoutput looks it up as of then. Leave publications that are younger"
            + " than that WAL out of PUBLICATION_NAMES until the slot has passed their creation: that"
            + " loses nothing. Smaller windows (WINDOW_ROWS, WINDOW_WAL_MB) publish what comes before"
            + " the first change that needs them. If no older publication is left, the last resort is"
            + " {\"action\":\"drop-slot\",\"confirm\":\""
            + name
            + "\"} and {\"action\":\"create-slot\"}, which loses every change that waits in the"
            + " slot.",
        e);
  }

  private SlotException notReady(SQLException e, String doing, @Nullable Lsn to)
      throws SQLException {
    SlotCheck.check(session, name, publications);
    SlotRow slot = SlotRow.read(session, name);
    Lsn confirmed = slot == null ? null : slot.confirmed();
    if (to != null && confirmed != null && confirmed.isAfter(to)) {
      return new SlotException(
          Code.SLOT_MOVED,
          "slot "
              + name
              + " was to be advanced to "
              + to
              + " and is at "
              + confirmed
              + " already: something else moved it. Let only this function use the slot.",
          e);
    }
    return SqlFailure.of(e, doing);
  }

  /** A standby ends a statement in the way of its replay, also to invalidate the slot. */
  private SlotException conflict(SQLException e, String doing) throws SQLException {
    SlotCheck.check(session, name, publications);
    return SqlFailure.of(e, doing);
  }

  /** A privilege or a file is missing. If it is the plugin's, the message quotes the library. */
  private SlotException plugin(SQLException e, String doing) throws SQLException {
    SlotRow slot = SlotRow.read(session, name);
    String plugin = slot == null ? null : slot.plugin();
    if (plugin != null && SqlFailure.firstLine(e).contains('"' + plugin + '"')) {
      return ofPlugin(e, plugin);
    }
    if ("58P01".equals(e.getSQLState())) {
      SlotCheck.check(session, name, publications);
      return new SlotException(
          Code.DATABASE_FAILED,
          doing
              + " found a file of the server missing ("
              + SqlFailure.firstLine(e)
              + "). If it is of pg_wal, the slot is lost and changes are missing.",
          e);
    }
    return SqlFailure.of(e, doing);
  }

  /** Why the plugin's library cannot be loaded: SQLSTATE 42501 or 58P01. */
  static SlotException ofPlugin(SQLException e, String plugin) {
    return "42501".equals(e.getSQLState())
        ? new SlotException(
            Code.PLUGIN_NOT_ALLOWED,
            "the server does not let "
                + plugin
                + " be used as an output plugin. Add it: ALTER SYSTEM SET output_plugin_libraries ="
                + " pgoutput, test_decoding, "
                + plugin
                + "; SELECT pg_reload_conf(). On RDS it is in the parameter group.",
            e)
        : new SlotException(
            Code.PLUGIN_MISSING,
            "the server has no library "
                + plugin
                + ". Install it (Debian: postgresql-<major>-wal2json), or create a slot with"
                + " pgoutput.",
            e);
  }
}

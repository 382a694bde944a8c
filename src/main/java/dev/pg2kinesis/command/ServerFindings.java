package dev.pg2kinesis.command;

import dev.pg2kinesis.slot.ServerStatus;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.SlotLimits;
import dev.pg2kinesis.slot.SlotRow;
import dev.pg2kinesis.slot.Standby;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Derives findings from the state of a server and its slot. Pure. */
final class ServerFindings {

  /** A transaction that is open for longer holds WAL back noticeably. */
  static final long LONG_SECONDS = 300;

  /** A slot that is read regularly retains less WAL than this. */
  static final long MUCH_WAL_BYTES = 10L << 30;

  /** A pause in polling that a slot should outlast: an outage over night. */
  static final long PAUSE_SECONDS = 86_400;

  /** A busy server writes this much WAL in minutes. */
  static final long SMALL_LIMIT_MEGABYTES = 1_024;

  private static final long NO_LIMIT = -1;

  private ServerFindings() {}

  static List<Finding> of(ServerStatus status) {
    List<Finding> findings = new ArrayList<>();
    for (SlotException problem : status.problems()) {
      findings.add(Finding.of(Finding.Severity.ERROR, problem));
    }
    SlotRow slot = status.slot();
    if (slot != null && slot.isLogical() && !slot.isLost()) {
      ofSlot(status, slot, findings);
    }
    ofTransactions(status, findings);
    if (!status.tablesWithoutIdentity().isEmpty()) {
      findings.add(
          Finding.warning(
              "TABLE_WITHOUT_IDENTITY",
              "tables without a primary key or other replica identity: their updates and deletes"
                  + " carry no key, or fail in the database if a publication has them. ALTER TABLE"
                  + " … ADD PRIMARY KEY, or REPLICA IDENTITY FULL."));
    }
    findings.addAll(of(status.server().limits()));
    findings.addAll(of(status.server().standby()));
    return findings;
  }

  /** What a standby's settings mean for its slots. */
  static List<Finding> of(@Nullable Standby standby) {
    List<Finding> findings = new ArrayList<>();
    if (standby == null) {
      return findings;
    }
    if (!standby.feedback()) {
      findings.add(
          Finding.warning(
              "STANDBY_FEEDBACK_OFF",
              "hot_standby_feedback is off on this standby: the primary removes rows of the catalog"
                  + " that the slot still needs, the standby then invalidates the slot, and changes"
                  + " are lost. Set it to on, and primary_slot_name to a slot of the primary."));
    } else if (standby.primarySlot() == null) {
      findings.add(
          Finding.info(
              "STANDBY_SLOT_UNSET",
              "primary_slot_name is not set on this standby: while it is away, the primary removes"
                  + " rows of the catalog that the slot still needs. Set it to a physical slot of"
                  + " the primary."));
    }
    if (standby.paused()) {
      findings.add(
          Finding.warning(
              "STANDBY_PAUSED",
              "replay is paused on this standby, so runs find nothing new while the primary goes on."
                  + " Run SELECT pg_wal_replay_resume() there."));
    }
    return findings;
  }

  /** What limits mean for a slot that is not read for a while. */
  static List<Finding> of(SlotLimits limits) {
    List<Finding> findings = new ArrayList<>();
    Long idle = limits.idleSeconds();
    if (idle != null && idle < PAUSE_SECONDS) {
      findings.add(
          Finding.warning(
              "IDLE_LIMIT_SHORT",
              "idle_replication_slot_timeout is "
                  + idle
                  + " s: if nothing reads the slot for that long, the server invalidates it and"
                  + " changes are lost. Let it outlast any pause in polling, a day at least, or set"
                  + " it to 0."));
    }
    Long keep = limits.keepMegabytes();
    if (keep != null && keep == NO_LIMIT) {
      findings.add(
          Finding.info(
              "WAL_UNLIMITED",
              "max_slot_wal_keep_size is unlimited: if polling stops, the slot keeps WAL until the"
                  + " disk is full. Set a limit that is worth losing the slot for, or an alarm on"
                  + " retainedBytes."));
    } else if (keep != null && keep < SMALL_LIMIT_MEGABYTES) {
      findings.add(
          Finding.warning(
              "WAL_LIMIT_SMALL",
              "max_slot_wal_keep_size is "
                  + keep
                  + " MB: if more WAL is written while nothing reads the slot, the server"
                  + " invalidates it and changes are lost. Let it hold the WAL of any pause in"
                  + " polling, a day's at least."));
    }
    return findings;
  }

  private static void ofSlot(ServerStatus status, SlotRow slot, List<Finding> findings) {
    long retained = retainedBytes(status, slot);
    Long safe = safeBytes(status, slot, retained);
    if ("unreserved".equals(slot.walStatus())
        || (safe != null && retained > 0 && safe < retained / 4)) {
      findings.add(
          Finding.warning(
              "SLOT_AT_RISK",
              "the slot is close to losing the WAL it needs. Run {\"action\":\"drain\"} now, and"
                  + " raise max_slot_wal_keep_size."));
    } else if (retained > MUCH_WAL_BYTES) {
      findings.add(
          Finding.warning(
              "WAL_RETAINED",
              "the server keeps much WAL for the slot. Run {\"action\":\"drain\"}; if the lag is"
                  + " small, a transaction below holds it."));
    }
    Integer pid = slot.activePid();
    if (pid != null) {
      findings.add(
          Finding.info(
              "BUSY", "process " + pid + " is decoding the slot just now, perhaps a run."));
    }
    if (Boolean.FALSE.equals(slot.failover()) && status.server().standby() == null) {
      findings.add(
          Finding.info(
              "FAILOVER_OFF",
              "standbys keep no copy of the slot. If there is one to fail over to, create the slot"
                  + " with {\"action\":\"create-slot\",\"failover\":true}."));
    }
  }

  private static void ofTransactions(ServerStatus status, List<Finding> findings) {
    for (ServerStatus.OpenTransaction open : status.transactions()) {
      if (open.seconds() < LONG_SECONDS) {
        continue;
      }
      String prepared = open.preparedAs();
      findings.add(
          Finding.warning(
              "TRANSACTION_HOLDS_WAL",
              prepared != null
                  ? "prepared transaction "
                      + prepared
                      + " keeps WAL from being released. Run COMMIT PREPARED or ROLLBACK PREPARED"
                      + " in database "
                      + open.database()
                      + "."
                  : "process "
                      + open.pid()
                      + " ("
                      + open.state()
                      + ") has a transaction open that keeps WAL from being released. Let it end,"
                      + " or SELECT pg_terminate_backend("
                      + open.pid()
                      + ")."));
    }
  }

  /** A standby's own number does not follow its WAL. */
  private static @Nullable Long safeBytes(ServerStatus status, SlotRow slot, long retained) {
    Long keep = status.server().limits().keepMegabytes();
    return status.server().standby() == null || keep == null || keep == NO_LIMIT
        ? slot.safeWalBytes()
        : Long.valueOf((keep << 20) - retained);
  }

  static long retainedBytes(ServerStatus status, SlotRow slot) {
    return slot.restart() == null ? 0 : status.server().flush().bytesSince(slot.restart());
  }
}

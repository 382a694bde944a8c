package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_replication_slots}; columns that the server's version lacks are null.
 * PostgreSQL documentation, "pg_replication_slots".
 *
 * @param name {@code slot_name}
 * @param type {@code logical} or {@code physical}
 * @param plugin the output plugin of a logical slot
 * @param database the database of a logical slot
 * @param activePid the process that decodes it now
 * @param restart {@code restart_lsn}; null once the WAL it needs is gone
 * @param confirmed {@code confirmed_flush_lsn}
 * @param walStatus {@code wal_status} (13 and newer); on a standby {@code reserved} until it is
 *     lost
 * @param safeWalBytes {@code safe_wal_size}: bytes of WAL until the slot is in danger of being lost
 *     (13 and newer, if max_slot_wal_keep_size is set; null on a standby, where it does not follow
 *     the WAL)
 * @param invalidation {@code invalidation_reason} (17 and newer), {@code conflicting} (16)
 * @param failover whether standbys keep a copy (17 and newer)
 * @param synced whether this is or was such a copy (17 and newer)
 * @param twoPhase whether PREPARE TRANSACTION, not COMMIT PREPARED, emits a transaction (14 and
 *     newer)
 */
public record SlotRow(
    String name,
    String type,
    @Nullable String plugin,
    @Nullable String database,
    @Nullable Integer activePid,
    @Nullable Lsn restart,
    @Nullable Lsn confirmed,
    @Nullable String walStatus,
    @Nullable Long safeWalBytes,
    @Nullable String invalidation,
    @Nullable Boolean failover,
    @Nullable Boolean synced,
    @Nullable Boolean twoPhase) {

  /** The server version from which on standbys can keep copies of slots. */
  static final int FAILOVER_SINCE = 170_000;

  /** Reads the slot of that name; null if there is none. */
  static @Nullable SlotRow read(Session session, String name) throws SQLException {
    int version = session.version();
    String sql =
        "SELECT slot_type, plugin, database, active_pid, restart_lsn::text,"
            + " confirmed_flush_lsn::text, "
            + (version >= 130_000
                ? "wal_status, CASE WHEN NOT pg_is_in_recovery() THEN safe_wal_size END, "
                : "NULL::text, NULL::int8, ")
            + (version >= FAILOVER_SINCE
                ? "invalidation_reason, failover, synced"
                : (version >= 160_000 ? "CASE WHEN conflicting THEN 'conflict' END" : "NULL::text")
                    + ", NULL::bool, NULL::bool")
            + (version >= 140_000 ? ", two_phase" : ", NULL::bool")
            + " FROM pg_replication_slots WHERE slot_name = ?";
    try (PreparedStatement statement = session.prepare(sql, name);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? of(name, row) : null;
    }
  }

  private static SlotRow of(String name, ResultSet row) throws SQLException {
    return new SlotRow(
        name,
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getObject(4, Integer.class),
        lsn(row.getString(5)),
        lsn(row.getString(6)),
        row.getString(7),
        row.getObject(8, Long.class),
        row.getString(9),
        row.getObject(10, Boolean.class),
        row.getObject(11, Boolean.class),
        row.getObject(12, Boolean.class));
  }

  private static @Nullable Lsn lsn(@Nullable String text) {
    return text == null ? null : Lsn.parse(text);
  }

  /** Whether it is a logical slot. */
  public boolean isLogical() {
    return "logical".equals(type);
  }

  /** Whether the server has removed the WAL that the slot needs. */
  public boolean isLost() {
    return restart == null || "lost".equals(walStatus) || invalidation != null;
  }
}

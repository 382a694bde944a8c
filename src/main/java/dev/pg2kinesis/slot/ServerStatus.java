package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's state, and the state of everything that a slot needs.
 *
 * @param role the session's role
 * @param slot the slot, or null if no slot has that name
 * @param publications the configured ones, whether they exist or not
 * @param tablesWithoutIdentity published tables that have neither a primary key nor another replica
 *     identity, so that their updates and deletes name no row; at most {@link #MAX_TABLES}
 * @param transactions open and prepared transactions that have written, oldest first: the server
 *     keeps WAL from the start of the oldest; at most {@link #MAX_TRANSACTIONS}
 * @param problems the errors that would stop a run
 */
public record ServerStatus(
    Server server,
    Role role,
    @Nullable SlotRow slot,
    List<Publication> publications,
    List<String> tablesWithoutIdentity,
    List<OpenTransaction> transactions,
    Timeline timeline,
    List<SlotException> problems) {

  static final int MAX_TABLES = 20;
  static final int MAX_TRANSACTIONS = 10;

  /**
   * The server.
   *
   * @param version for example {@code 15.19}
   * @param systemIdentifier identifies the cluster
   * @param standby null if the server is not one
   * @param flush {@code pg_current_wal_flush_lsn()}; on a standby the last replayed position
   * @param limits when the server gives a slot up
   * @param pluginLibraries {@code output_plugin_libraries}; null if the server does not have it or
   *     the role may not see it
   * @param slots replication slots in use
   * @param maxSlots {@code max_replication_slots}
   */
  public record Server(
      String version,
      @Nullable Standby standby,
      String walLevel,
      String systemIdentifier,
      Lsn flush,
      SlotLimits limits,
      @Nullable String pluginLibraries,
      int slots,
      int maxSlots) {}

  /**
   * The session's role.
   *
   * @param replication whether it may use slots, through its attribute or through RDS's group
   */
  public record Role(String name, boolean superuser, boolean replication) {}

  /**
   * A publication.
   *
   * @param tables how many tables it has; null if it does not exist
   */
  public record Publication(String name, @Nullable Long tables) {}

  /**
   * A transaction that has not ended.
   *
   * @param pid its backend process; null if it is prepared
   * @param preparedAs its name if it is prepared, else null
   * @param seconds its age
   * @param state for example {@code idle in transaction}
   */
  public record OpenTransaction(
      @Nullable Integer pid,
      @Nullable String preparedAs,
      @Nullable String database,
      long seconds,
      String state) {}

  /**
   * Reads the status.
   *
   * @param maxDuration how long the session may last
   * @throws SlotException if the server cannot be connected to or asked
   */
  public static ServerStatus read(Database database, StatusRequest request, Duration maxDuration) {
    try (Session session = Session.open(database, maxDuration)) {
      return new StatusQuery(session, request).read();
    }
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself and of what a slot needs.
 *
 * @param server the server
 * @param role the session's role
 * @param slot the slot, or null if there is none of the name
 * @param publications those of the session's database that are wanted
 * @param tablesWithoutIdentity published tables whose updates and deletes cannot be told apart: no
 *     primary key, and no other replica identity; at most {@link #MOST_TABLES}
 * @param transactions open and prepared transactions that have written, oldest first: the server
 *     keeps WAL from the first of them on; at most {@link #MOST_TRANSACTIONS}
 * @param history which timeline this is; null on a standby
 * @param problems what would stop a run
 */
public record ServerStatus(
    Server server,
    Role role,
    @Nullable SlotRow slot,
    List<Publication> publications,
    List<String> tablesWithoutIdentity,
    List<OpenTransaction> transactions,
    @Nullable History history,
    List<SlotException> problems) {

  static final int MOST_TABLES = 20;
  static final int MOST_TRANSACTIONS = 10;

  /**
   * The server.
   *
   * @param version such as {@code 15.19}
   * @param versionNum such as 150019
   * @param systemIdentifier of the cluster
   * @param timeline the present one; null on a standby
   * @param flush {@code pg_current_wal_flush_lsn()}; on a standby the last replayed position
   * @param keepMegabytes {@code max_slot_wal_keep_size}, -1 for unlimited; null before 13
   * @param pluginLibraries {@code output_plugin_libraries}, where the server has it and the role
   *     may see it
   * @param slots replication slots in use
   * @param mostSlots {@code max_replication_slots}
   */
  public record Server(
      String version,
      int versionNum,
      boolean inRecovery,
      String walLevel,
      String systemIdentifier,
      @Nullable Long timeline,
      Lsn flush,
      @Nullable Long keepMegabytes,
      @Nullable String pluginLibraries,
      int slots,
      int mostSlots) {}

  /**
   * The role.
   *
   * @param replication whether it may use slots, by the attribute or by RDS's group
   */
  public record Role(String name, boolean superuser, boolean replication) {}

  /**
   * A publication.
   *
   * @param tables how many tables it has; null if there is no such publication
   */
  public record Publication(String name, @Nullable Long tables) {}

  /**
   * A transaction that is not over.
   *
   * @param pid the backend's; null for a prepared one
   * @param preparedAs the name of a prepared one; null for the others
   * @param seconds its age
   * @param state such as {@code idle in transaction}
   */
  public record OpenTransaction(
      @Nullable Integer pid,
      @Nullable String preparedAs,
      @Nullable String database,
      long seconds,
      String state) {}

  /**
   * Looks at the server.
   *
   * @throws SlotException if there is no connection to be had
   */
  public static ServerStatus read(Database database, Question question, Duration life) {
    try (Session session = Session.open(database, life)) {
      return new StatusQuery(session, question).read();
    }
  }

  /**
   * What is asked for.
   *
   * @param slotName the slot
   * @param publications those that the slot is to be read with
   * @param since a timeline that was seen before, or null
   */
  public record Question(String slotName, List<String> publications, @Nullable Long since) {}
}

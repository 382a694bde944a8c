package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.ServerStatus.OpenTransaction;
import dev.pg2kinesis.slot.ServerStatus.Publication;
import dev.pg2kinesis.slot.ServerStatus.Role;
import dev.pg2kinesis.slot.ServerStatus.Server;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a {@link ServerStatus}. PostgreSQL documentation, chapter "System Views". */
final class StatusQuery {

  /** pg_settings leaves out settings that the role may not see; current_setting would fail. */
  private static final String SERVER =
      """
      SELECT current_setting('server_version'), ${walLevel},
        (SELECT system_identifier::text FROM pg_control_system()),
        coalesce(${walEnd}, '0/0')::text,
        (SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'),
        (SELECT count(*) FROM pg_replication_slots)::int,
        current_setting('max_replication_slots')::int
      """
          .replace("${walEnd}", WalEnd.SQL)
          .replace("${walLevel}", ServerCheck.WAL_LEVEL_SQL);

  private static final String ROLE =
      """
      SELECT r.rolname, r.rolsuper, r.rolsuper OR r.rolreplication OR EXISTS (
        SELECT FROM pg_roles g WHERE g.rolname IN ('rds_replication', 'rds_superuser')
          AND pg_has_role(r.oid, g.oid, 'member'))
      FROM pg_roles r WHERE r.rolname = current_user
      """;

  private static final String PUBLICATION =
      """
      SELECT CASE WHEN EXISTS (SELECT FROM pg_publication WHERE pubname = p.name)
        THEN (SELECT count(*) FROM pg_publication_tables WHERE pubname = p.name) END
      FROM (SELECT ?::text AS name) AS p
      """;

  private static final String TABLES_WITHOUT_IDENTITY =
      """
      SELECT n.nspname || '.' || c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence = 'p'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
          SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
        AND (? IS DISTINCT FROM 'pgoutput' OR EXISTS (
          SELECT FROM pg_publication_tables p WHERE p.schemaname = n.nspname
            AND p.tablename = c.relname AND p.pubname = ANY (string_to_array(?, ','))))
      ORDER BY 1 LIMIT ?
      """;

  /** Without pg_read_all_stats the role sees only the pid of other roles' sessions. */
  private static final String TRANSACTIONS =
      """
      SELECT pid, NULL::text, datname, extract(epoch FROM now() - xact_start)::int8, state
      FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
      UNION ALL
      SELECT NULL, gid, database, extract(epoch FROM now() - prepared)::int8, 'prepared'
      FROM pg_prepared_xacts
      ORDER BY 4 DESC LIMIT ?
      """;

  private final Session session;
  private final String slotName;
  private final List<String> publications;
  private final @Nullable Long earlierTimeline;

  StatusQuery(Session session, StatusRequest request) {
    this.session = session;
    this.slotName = request.slotName();
    this.publications = request.publications();
    this.earlierTimeline = request.earlierTimeline();
  }

  ServerStatus read() {
    try {
      SlotRow slot = SlotRow.read(session, slotName);
      Role role = role();
      Server server = server();
      return new ServerStatus(
          server,
          role,
          slot,
          publications(),
          tables(slot),
          transactions(),
          Timeline.read(session, slotName, earlierTimeline),
          problems(role));
    } catch (SQLException e) {
      throw SqlFailure.of(e, "reading the server's status");
    }
  }

  private Server server() throws SQLException {
    try (PreparedStatement statement = session.prepare(SERVER);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Server(
          row.getString(1),
          Standby.read(session),
          row.getString(2),
          row.getString(3),
          Lsn.parse(row.getString(4)),
          SlotLimits.read(session),
          row.getString(5),
          row.getInt(6),
          row.getInt(7));
    }
  }

  private Role role() throws SQLException {
    try (PreparedStatement statement = session.prepare(ROLE);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Role(row.getString(1), row.getBoolean(2), row.getBoolean(3));
    }
  }

  private List<Publication> publications() throws SQLException {
    List<Publication> found = new ArrayList<>();
    for (String name : publications) {
      try (PreparedStatement statement = session.prepare(PUBLICATION, name);
          ResultSet row = statement.executeQuery()) {
        row.next();
        found.add(new Publication(name, row.getObject(1, Long.class)));
      }
    }
    return found;
  }

  private List<String> tables(@Nullable SlotRow slot) throws SQLException {
    List<String> tables = new ArrayList<>();
    String plugin = slot == null ? "" : String.valueOf(slot.plugin());
    try (PreparedStatement statement =
            session.prepare(
                TABLES_WITHOUT_IDENTITY,
                plugin,
                String.join(",", publications),
                ServerStatus.MAX_TABLES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  private List<OpenTransaction> transactions() throws SQLException {
    List<OpenTransaction> transactions = new ArrayList<>();
    try (PreparedStatement statement =
            session.prepare(TRANSACTIONS, ServerStatus.MAX_TRANSACTIONS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        transactions.add(
            new OpenTransaction(
                rows.getObject(1, Integer.class),
                rows.getString(2),
                rows.getString(3),
                rows.getLong(4),
                String.valueOf(rows.getString(5))));
      }
    }
    return transactions;
  }

  private List<SlotException> problems(Role role) throws SQLException {
    List<SlotException> problems = new ArrayList<>();
    try {
      SlotCheck.check(session, slotName, publications);
    } catch (SlotException e) {
      problems.add(e);
      if (e.code() == Code.SLOT_MISSING && !publications.isEmpty()) {
        addPublications(problems);
      }
    }
    if (!role.replication()) {
      problems.add(
          new SlotException(
              Code.PRIVILEGE_MISSING,
              "role "
                  + role.name()
                  + " has no REPLICATION privilege. Run ALTER ROLE … REPLICATION, or on RDS GRANT"
                  + " rds_replication TO ….",
              null));
    }
    return problems;
  }

  /** Adds the errors that would stop the slot from being created. */
  private void addPublications(List<SlotException> problems) throws SQLException {
    try {
      ServerCheck.checkPublications(session, publications);
    } catch (SlotException e) {
      problems.add(e);
    }
  }
}

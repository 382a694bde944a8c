package dev.pg2kinesis.scripts;

import dev.pg2kinesis.postgres.PostgresServer;
import java.util.Map;

/**
 * A server whose roles are those of RDS: the master user is no superuser, and has from {@code
 * rds_superuser} what it may grant (Amazon RDS User Guide, "Understanding the rds_superuser role").
 * The server logs every statement. Unlike RDS, it lets only a superuser publish all tables, and
 * {@code rds_replication} gives nothing.
 */
final class EmulatedRds implements AutoCloseable {

  /** The name that RDS proposes for the master user. */
  static final String MASTER = "postgres_master";

  private final PostgresServer server;
  private final String database;

  private EmulatedRds(PostgresServer server, String database) {
    this.server = server;
    this.database = database;
  }

  /** Starts a server of that major version with an empty database that the master user owns. */
  static EmulatedRds start(int major) {
    PostgresServer server =
        PostgresServer.start(
            major,
            Map.of(
                "logging_collector", "on",
                "log_statement", "all",
                "log_min_duration_statement", "0"));
    server.execute(
        "postgres",
        "CREATE ROLE rds_superuser",
        "CREATE ROLE rds_replication",
        "CREATE ROLE rds_iam",
        "CREATE ROLE rds_password",
        "GRANT rds_replication, rds_iam, rds_password, pg_monitor, pg_signal_backend"
            + " TO rds_superuser WITH ADMIN OPTION",
        "CREATE ROLE " + MASTER + " LOGIN NOSUPERUSER CREATEDB CREATEROLE NOREPLICATION",
        "GRANT rds_superuser TO " + MASTER + " WITH ADMIN OPTION",
        "CREATE DATABASE shop OWNER " + MASTER);
    return new EmulatedRds(server, "shop");
  }

  PostgresServer server() {
    return server;
  }

  String database() {
    return database;
  }

  void sql(String... statements) {
    server.execute(database, statements);
  }

  String query(String sql) {
    return server.query(database, sql);
  }

  /** Members of {@code rds_replication} may read and drop slots from now on, as RDS lets them. */
  void letReplicationRolesReplicate() {
    sql(
        """
        DO $$
        DECLARE r name;
        BEGIN
          FOR r IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper
              AND NOT rolreplication AND pg_has_role(rolname, 'rds_replication', 'MEMBER') LOOP
            EXECUTE format('ALTER ROLE %I REPLICATION', r);
          END LOOP;
        END
        $$
        """);
  }

  /** The variables that make psql the master user's. */
  Map<String, String> master() {
    return login(MASTER);
  }

  Map<String, String> login(String role) {
    return Map.of(
        "PGHOST",
        "localhost",
        "PGPORT",
        Integer.toString(server.port()),
        "PGDATABASE",
        database,
        "PGUSER",
        role,
        "PSQLRC",
        "/dev/null");
  }

  /** What the server has logged up to now. */
  String log() {
    String mark = "log read at " + System.nanoTime();
    sql("SELECT '" + mark + "'");
    // The collector writes what has reached it in order, and a little later.
    String read = "SELECT pg_read_file(pg_current_logfile())";
    PostgresServer.await(() -> query(read).contains(mark));
    return query(read);
  }

  @Override
  public void close() {
    server.close();
  }
}

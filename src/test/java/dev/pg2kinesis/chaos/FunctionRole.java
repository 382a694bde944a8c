package dev.pg2kinesis.chaos;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.scripts.Script;
import dev.pg2kinesis.scripts.Script.Ended;

/**
 * The role of the functions on a server, as {@code scripts/setup.sql} makes it: it may read slots
 * and no table. It logs in with a password, which can be changed.
 */
final class FunctionRole {

  static final String NAME = "cdc \"r\"\\ 😀";

  /** The publication that the script makes with it. */
  static final String PUBLICATION = "all \"p\"\\ \n😀";

  private final PostgresServer server;
  private volatile String password = "hunter2'\" $x \\ %s";
  private int rotations;

  private FunctionRole(PostgresServer server) {
    this.server = server;
  }

  /**
   * Makes it, and in a database the publication.
   *
   * @throws IllegalStateException with what the script printed, if it fails
   */
  static FunctionRole setUp(PostgresServer server, String database) {
    FunctionRole role = new FunctionRole(server);
    Ended ended =
        new Script("psql", "--no-psqlrc", "--quiet", "-f", "scripts/setup.sql")
            .with("PGHOST", server.host())
            .with("PGPORT", Integer.toString(server.port()))
            .with("PGDATABASE", database)
            .with("PGUSER", "postgres")
            .with("PG2KINESIS_PASSWORD", role.password)
            .arguments("-v", "role=" + NAME, "-v", "publication=" + PUBLICATION, "-v", "keyless=on")
            .run();
    if (ended.status() != 0) {
      throw new IllegalStateException("scripts/setup.sql: " + ended.text());
    }
    server.requirePassword(NAME);
    return role;
  }

  String password() {
    return password;
  }

  /** Another password from now on. Sessions go on. */
  void rotate() {
    String next = "hunter3'\\ " + ++rotations;
    server.execute(
        "postgres",
        "SET password_encryption = 'scram-sha-256'", // not yet the default before PostgreSQL 14
        "ALTER ROLE " + SqlNames.quoted(NAME) + " PASSWORD " + SqlNames.text(next));
    password = next;
  }
}

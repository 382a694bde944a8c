package dev.pg2kinesis.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A second server over a base backup of a first one: the same cluster, as a standby of it, as a
 * restored copy or as a server of its own. It runs where the first one runs, which has to outlive
 * it. PostgreSQL documentation, "Making a Base Backup Using the Low Level API".
 */
public final class PostgresCopy implements AutoCloseable {

  private final PostgresServer original;
  private final String directory;
  private final PostgresEngine.Port port;

  private PostgresCopy(PostgresServer original, String directory, PostgresEngine.Port port) {
    this.original = original;
    this.directory = directory;
    this.port = port;
  }

  /** Takes a base backup, which has no replication slots. The copy does not run yet. */
  public static PostgresCopy of(PostgresServer server) {
    PostgresCopy copy = withSlots(server);
    server.shell("rm -rf " + copy.directory + "/pg_replslot/*");
    return copy;
  }

  /** As a snapshot of the disk would have it, slots included. */
  public static PostgresCopy withSlots(PostgresServer server) {
    String source = server.query("postgres", "SHOW data_directory");
    String target = // beside the original's, where there is room and what is fast
        server.shell("mktemp -d -p \"$(dirname '%s')\" || mktemp -d".formatted(source));
    PostgresCopy copy = new PostgresCopy(server, target, server.freePort());
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_backup_start('copy', true)");
      copyFiles(server, source, target);
      String label;
      try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        row.next();
        label = row.getString(1);
      }
      copyFiles(server, source + "/pg_wal", target + "/pg_wal");
      server.shell("rm -f %1$s/postmaster.pid %1$s/postmaster.opts".formatted(target));
      copy.append("backup_label", label);
      return copy;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Files that are removed meanwhile may be missing: the WAL says so too. */
  private static void copyFiles(PostgresServer server, String from, String to) {
    server.shell(
        """
        LC_ALL=C cp -a '%1$s/.' '%2$s' 2>'%2$s.errors' || ! grep -v 'No such file' '%2$s.errors' || exit
        rm '%2$s.errors'"""
            .formatted(from, to));
  }

  /** Adds lines to one of its files. */
  private void append(String file, String lines) {
    original.shell("cat >>'%s/%s' <<'END'\n%s\nEND".formatted(directory, file, lines.strip()));
  }

  /** Adds a line to its configuration. */
  public PostgresCopy with(String name, String value) {
    append("postgresql.auto.conf", name + " = '" + value.replace("'", "''") + "'");
    return this;
  }

  /** Makes it follow another server in the same place when it starts. */
  public PostgresCopy following(PostgresServer primary) {
    append("standby.signal", "");
    return with(
            "primary_conninfo",
            "host=localhost port="
                + primary.query("postgres", "SHOW port")
                + " user=postgres dbname=postgres")
        .with("hot_standby", "on")
        .with("hot_standby_feedback", "on");
  }

  /** Makes it follow another copy while it runs. */
  public void follow(PostgresCopy primary) {
    with(
        "primary_conninfo",
        "host=localhost port=" + primary.port.inside() + " user=postgres dbname=postgres");
    query("postgres", "SELECT pg_reload_conf()");
  }

  /** Makes it recover what WAL it has when it starts, and begin a new timeline. */
  public PostgresCopy restored() {
    append("recovery.signal", "");
    return with("restore_command", "false");
  }

  public PostgresCopy start() {
    // A standby needs as many connections as its primary, which was told on its command line.
    String options =
        "-p "
            + port.inside()
            + " -c synchronous_commit=on -c fsync=off -c max_connections=300"
            + " -c unix_socket_directories="
            + directory;
    control(
        "-w -t 60 -l %1$s/log.txt -o '%2$s' start || { cat %1$s/log.txt; false; }"
            .formatted(directory, options));
    return this;
  }

  /** Ends recovery; returns once it takes writes. */
  public void promote() {
    control("-w -t 60 promote");
  }

  /**
   * Stops it.
   *
   * @param mode {@code fast} or {@code immediate}, which is a crash
   */
  public void stop(String mode) {
    control("-w -m " + mode + " stop");
  }

  private void control(String arguments) {
    String binaries =
        original.query("postgres", "SELECT setting FROM pg_config WHERE name = 'BINDIR'");
    original.shell("%s/pg_ctl -D %s %s".formatted(binaries, directory, arguments));
  }

  public int port() {
    return port.outside();
  }

  /** Runs statements as the superuser, each committed by itself. */
  public void execute(String database, String... statements) {
    new Superuser(port()).execute(database, statements);
  }

  /** The first column of the first row of a query, as text. */
  public String query(String database, String sql) {
    return new Superuser(port()).query(database, sql);
  }

  /** Stops it and deletes its files. */
  @Override
  public void close() {
    if (original.shell("ls " + directory).lines().anyMatch("postmaster.pid"::equals)) {
      stop("immediate");
    }
    original.shell("rm -rf " + directory);
  }
}

package dev.pg2kinesis.postgres;

import dev.pg2kinesis.slot.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server on a free loopback port, superuser {@code postgres}, ready for logical
 * decoding. How it is started, a {@link PostgresEngine} decides.
 */
public final class PostgresServer implements AutoCloseable {

  private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final PostgresEngine.Running server;
  private final int major;

  private PostgresServer(PostgresEngine.Running server, int major) {
    this.server = server;
    this.major = major;
  }

  /** The server of that major version that all tests of this JVM share; stops with the JVM. */
  public static PostgresServer shared(int major) {
    return SHARED.computeIfAbsent(major, m -> start(m, Map.of()));
  }

  /**
   * Starts a server of its own.
   *
   * @param major for example 15
   * @param settings lines of {@code postgresql.conf} that override {@link #defaults()}
   */
  public static PostgresServer start(int major, Map<String, String> settings) {
    Map<String, String> all = defaults();
    all.putAll(settings);
    return new PostgresServer(engine().start(major, all), major);
  }

  /** A server that runs already. */
  static PostgresServer of(PostgresEngine.Running server, int major) {
    return new PostgresServer(server, major);
  }

  private static PostgresEngine engine() {
    String name = System.getProperty("postgres.engine");
    if (name == null) {
      return new EmbeddedEngine();
    }
    try {
      return Class.forName(name)
          .asSubclass(PostgresEngine.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("postgres.engine is not one", e);
    }
  }

  /** Settings every server starts with. */
  private static Map<String, String> defaults() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("wal_level", "logical");
    settings.put("max_replication_slots", "200");
    settings.put("max_wal_senders", "10");
    settings.put("max_prepared_transactions", "10");
    // A hostile session: the product must pin its own.
    settings.put("TimeZone", "Pacific/Chatham");
    settings.put("DateStyle", "SQL, DMY");
    settings.put("IntervalStyle", "iso_8601");
    settings.put("bytea_output", "escape");
    settings.put("extra_float_digits", "-3");
    settings.put("client_min_messages", "error");
    return settings;
  }

  /** As they stand in {@code postgresql.conf}. */
  public static String lines(Map<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return lines.toString();
  }

  public int major() {
    return major;
  }

  public String host() {
    return "localhost";
  }

  public int port() {
    return server.port();
  }

  /** Creates an empty database with a name of its own and returns the name. */
  public String createDatabase() {
    return createDatabase("");
  }

  /** The same with options of {@code CREATE DATABASE}. */
  public String createDatabase(String options) {
    String name = "db" + NAMES.incrementAndGet();
    execute("postgres", "CREATE DATABASE " + name + " " + options);
    return name;
  }

  private Superuser superuser() {
    return new Superuser(port());
  }

  /** A superuser's connection. */
  public Connection connect(String database) throws SQLException {
    return superuser().connect(database);
  }

  /** How the product reaches a database of this server, as the superuser. */
  public Database login(String database) {
    return login(port(), database);
  }

  /** The same through another port, such as a proxy's. */
  public static Database login(int port, String database) {
    return new Database("localhost", port, database, "postgres", "postgres", "disable", null, null);
  }

  /** Runs statements as the superuser, each committed by itself. */
  public void execute(String database, String... statements) {
    superuser().execute(database, statements);
  }

  /** The first column of the first row of a query, as text. */
  public String query(String database, String sql) {
    return superuser().query(database, sql);
  }

  /**
   * Runs a shell command where the server runs, as its user. That is another machine than the
   * test's when the server is in a container, and the same file or process id there is another one
   * here.
   *
   * @return what the command prints
   * @throws IllegalStateException with what it printed, if it does not end with status 0
   */
  public String shell(String command) {
    // Reads and writes nothing in the database: WAL that a test does not expect is noise to it.
    // COPY
    // would not say what a failing program printed, so that and the status go to a file, in the
    // data
    // directory, where programs run.
    execute(
        "postgres",
        "COPY (SELECT) TO PROGRAM '"
            + ("cat >/dev/null; { " + command + "\n} >shell.txt 2>&1; echo $? >>shell.txt")
                .replace("'", "''")
            + "'");
    String printed = query("postgres", "SELECT pg_read_file('shell.txt')").strip();
    int end = printed.lastIndexOf('\n');
    String output = printed.substring(0, Math.max(0, end));
    if (!printed.substring(end + 1).equals("0")) {
      throw new IllegalStateException(command + " ended with " + printed);
    }
    return output;
  }

  /** A port that nothing listens on where the server runs. */
  PostgresEngine.Port freePort() {
    return server.freePort();
  }

  /** From now on these roles must give a password; the server trusts all others. */
  public void requirePassword(String... roles) {
    String rules = query("postgres", "SHOW hba_file");
    String names =
        Arrays.stream(roles)
            .map(role -> '"' + role.replace("\"", "\"\"") + '"')
            .collect(Collectors.joining(","));
    String first = "host all " + names + " all scram-sha-256";
    shell(
        """
        if ! head -n 1 '%1$s' | grep -qxF '%2$s'; then
          { echo '%2$s'; cat '%1$s'; } >'%1$s.new' && mv '%1$s.new' '%1$s'
        fi"""
            .formatted(rules, first));
    query("postgres", "SELECT pg_reload_conf()");
    await(() -> rejects(roles[0]));
  }

  private boolean rejects(String role) {
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://" + host() + ":" + port() + "/postgres", role, "not this")) {
      return false;
    } catch (SQLException e) {
      return "28P01".equals(e.getSQLState());
    }
  }

  /** Changes a setting that needs no restart; null for what the server started with. */
  public void set(String name, @Nullable String value) {
    execute(
        "postgres",
        value == null ? "ALTER SYSTEM RESET " + name : "ALTER SYSTEM SET " + name + " = " + value);
    // New sessions see the change once they see this one, which comes with it.
    String mark = "m" + NAMES.incrementAndGet() + " ";
    execute(
        "postgres", "ALTER SYSTEM SET log_line_prefix = '" + mark + "'", "SELECT pg_reload_conf()");
    await(() -> mark.equals(query("postgres", "SHOW log_line_prefix")));
  }

  /** Waits for something that needs a moment on the server. */
  public static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("what was waited for did not come in 30 s");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /**
   * Stops the server and starts it again with the options it had.
   *
   * @param mode of {@code pg_ctl}: {@code fast}, or {@code immediate} for a crash
   */
  public void restart(String mode) {
    server.restart(mode);
  }

  /** Stops the server and deletes its files. */
  @Override
  public void close() {
    server.close();
  }
}

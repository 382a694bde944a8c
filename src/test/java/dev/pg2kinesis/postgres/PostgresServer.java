package dev.pg2kinesis.postgres;

import dev.pg2kinesis.slot.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server on a free loopback port, superuser {@code postgres}, ready for logical
 * decoding. The binaries are the jars that the build copies to {@code target/postgres}.
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

  private static PostgresEngine engine() {
    String name = System.getProperty("postgres.engine");
    if (name == null) {
      return PostgresServer::embedded;
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

  private static PostgresEngine.Running embedded(int major, Map<String, String> all) {
    Path binaries = binaries(major);
    try {
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setPgBinaryResolver((system, machine) -> archive(binaries))
              .setPGStartupWait(Duration.ofSeconds(60))
              .setDataDirectoryCustomizer(directory -> configure(directory, all))
              // The embedded server says "off" on its command line, which outweighs the file, and
              // with it a peek can miss what was just committed.
              .setServerConfig("synchronous_commit", all.getOrDefault("synchronous_commit", "on"))
              .start();
      return new PostgresEngine.Running() {
        @Override
        public int port() {
          return server.getPort();
        }

        @Override
        public void close() {
          try {
            server.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL " + major + " did not start", e);
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

  private static Path binaries(int major) {
    Path jar = Path.of(System.getProperty("postgres.binaries", "target/postgres"), major + ".jar");
    if (!Files.exists(jar)) {
      throw new IllegalStateException(
          jar + " is missing: './mvnw process-test-resources' copies it there");
    }
    return jar;
  }

  private static InputStream archive(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry archive =
          zip.stream()
              .filter(entry -> entry.getName().endsWith(".txz"))
              .findFirst()
              .orElseThrow(() -> new IOException(jar + " holds no server archive"));
      try (InputStream in = zip.getInputStream(archive)) {
        return new ByteArrayInputStream(in.readAllBytes());
      }
    }
  }

  private static void configure(File directory, Map<String, String> settings) {
    StringBuilder lines = new StringBuilder("\n");
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    try {
      Files.writeString(
          directory.toPath().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    String name = "db" + NAMES.incrementAndGet();
    execute("postgres", "CREATE DATABASE " + name);
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
    return new Database("localhost", port, database, "postgres", "postgres", "disable", null);
  }

  /** Runs statements as the superuser, each committed by itself. */
  public void execute(String database, String... statements) {
    superuser().execute(database, statements);
  }

  /** The first column of the first row of a query, as text. */
  public String query(String database, String sql) {
    return superuser().query(database, sql);
  }

  /** From now on these roles must give a password; the server trusts all others. */
  public void requirePassword(String... roles) {
    Path rules = Path.of(query("postgres", "SHOW hba_file"));
    try {
      String all = Files.readString(rules);
      String first = "host all " + String.join(",", roles) + " all scram-sha-256\n";
      if (!all.startsWith(first)) {
        Files.writeString(rules, first + all);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
      Thread.onSpinWait();
    }
  }

  /**
   * Stops the server and starts it again with the options it had.
   *
   * @param mode of {@code pg_ctl}: {@code fast}, or {@code immediate} for a crash
   */
  public void restart(String mode) {
    Path directory = Path.of(query("postgres", "SHOW data_directory"));
    try {
      String options = Files.readString(directory.resolve("postmaster.opts"));
      String pgCtl = options.substring(0, options.indexOf(' ')).replaceAll("/postgres$", "/pg_ctl");
      List<String> command = new ArrayList<>();
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(List.of("unshare", "-U")); // PostgreSQL does not run as root
      }
      command.addAll(
          List.of(
              pgCtl, "restart", "-w", "-D", directory.toString(), "-m", mode, "-l", "/dev/null"));
      int status =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("pg_ctl restart ended with status " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Stops the server and deletes its files. */
  @Override
  public void close() {
    server.close();
  }
}

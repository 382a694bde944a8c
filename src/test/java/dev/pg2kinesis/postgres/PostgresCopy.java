package dev.pg2kinesis.postgres;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A second server over a base backup of a first one: the same cluster, as a standby of it, as a
 * restored copy or as a server of its own. PostgreSQL documentation, "Making a Base Backup Using
 * the Low Level API".
 */
public final class PostgresCopy implements AutoCloseable {

  /** Not in a base backup: what belongs to the process, and the slots. */
  private static final List<String> LEFT_OUT = List.of("postmaster.pid", "postmaster.opts");

  private final Path directory;
  private final Path binaries;
  private final int port;

  private PostgresCopy(Path directory, Path binaries, int port) {
    this.directory = directory;
    this.binaries = binaries;
    this.port = port;
  }

  /** Takes a base backup, which has no replication slots. The copy does not run yet. */
  public static PostgresCopy of(PostgresServer server) {
    return of(server, false);
  }

  /** As a snapshot of the disk would have it, slots included. */
  public static PostgresCopy withSlots(PostgresServer server) {
    return of(server, true);
  }

  private static PostgresCopy of(PostgresServer server, boolean slots) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      Path source = Path.of(server.query("postgres", "SHOW data_directory"));
      Path target =
          Files.createTempDirectory(
              "pg-copy",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      statement.execute("SELECT pg_backup_start('copy', true)");
      copy(source, target, slots);
      String label;
      try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        row.next();
        label = row.getString(1);
      }
      copy(source.resolve("pg_wal"), target.resolve("pg_wal"), slots);
      Files.writeString(target.resolve("backup_label"), label);
      String pid = Files.readAllLines(source.resolve("postmaster.pid")).get(0);
      Path postgres = Path.of("/proc", pid, "exe").toRealPath();
      return new PostgresCopy(target, postgres.resolveSibling("pg_ctl"), freePort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(Path from, Path to, boolean slots) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes a)
              throws IOException {
            Path target = to.resolve(from.relativize(folder));
            if (!Files.exists(target)) {
              Files.createDirectory(target);
              Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
            }
            return folder.endsWith("pg_replslot") && !slots
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (!LEFT_OUT.contains(file.getFileName().toString())) {
              try {
                Files.copy(
                    file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
              } catch (NoSuchFileException e) {
                // Removed meanwhile: the WAL says so too.
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Adds a line to its configuration. */
  public PostgresCopy with(String name, String value) {
    try {
      Files.writeString(
          directory.resolve("postgresql.auto.conf"),
          name + " = '" + value.replace("'", "''") + "'\n",
          StandardOpenOption.APPEND,
          StandardOpenOption.CREATE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Makes it follow another server when it starts. */
  public PostgresCopy following(PostgresServer primary) {
    signal("standby.signal");
    return with(
            "primary_conninfo",
            "host=localhost port=" + primary.port() + " user=postgres dbname=postgres")
        .with("hot_standby", "on")
        .with("hot_standby_feedback", "on");
  }

  /** Makes it recover what WAL it has when it starts, and begin a new timeline. */
  public PostgresCopy restored() {
    signal("recovery.signal");
    return with("restore_command", "false");
  }

  private void signal(String name) {
    try {
      Files.writeString(directory.resolve(name), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public PostgresCopy start() {
    control(
        "-w", "-t", "60", "-l", directory.resolve("log.txt").toString(), "-o", options(), "start");
    return this;
  }

  private String options() {
    // A standby needs as many connections as its primary, which was told on its command line.
    return "-p "
        + port
        + " -c synchronous_commit=on -c fsync=off -c max_connections=300"
        + " -c unix_socket_directories="
        + directory;
  }

  /** Ends recovery; returns once it takes writes. */
  public void promote() {
    control("-w", "-t", "60", "promote");
  }

  /**
   * Stops it.
   *
   * @param mode {@code fast} or {@code immediate}, which is a crash
   */
  public void stop(String mode) {
    control("-w", "-m", mode, "stop");
  }

  private void control(String... arguments) {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // The server refuses to run as root; in a user namespace of its own it is nobody.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(binaries.toString(), "-D", directory.toString()));
    command.addAll(List.of(arguments));
    try {
      File output = directory.resolve("control.txt").toFile();
      int code =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output)
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            String.join(" ", arguments)
                + ": "
                + Files.readString(output.toPath())
                + (Files.exists(directory.resolve("log.txt"))
                    ? Files.readString(directory.resolve("log.txt"))
                    : ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public int port() {
    return port;
  }

  /** Runs statements as the superuser, each committed by itself. */
  public void execute(String database, String... statements) {
    new Superuser(port).execute(database, statements);
  }

  /** The first column of the first row of a query, as text. */
  public String query(String database, String sql) {
    return new Superuser(port).query(database, sql);
  }

  /** Stops it and deletes its files. */
  @Override
  public void close() {
    if (Files.exists(directory.resolve("postmaster.pid"))) {
      stop("immediate");
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
                throws IOException {
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.pg2kinesis.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A complete installation of PostgreSQL on this machine: unlike the embedded servers it has
 * pg_upgrade.
 *
 * @param major its version
 * @param programs the folder of its programs
 */
public record Installation(int major, Path programs) {

  /** What a program printed, and how it ended. */
  public record Ended(int status, String output) {}

  /** Creates a cluster whose superuser is {@code postgres}. */
  public void initialise(Path cluster) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-D",
                cluster.toString(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync"));
    options.add("--locale=C");
    if (major >= 18) {
      options.add("--no-data-checksums"); // as before 18: both clusters of an upgrade must agree
    }
    succeed(folder(cluster), "initdb", options);
  }

  /** Starts a cluster of this version. Closing the server stops it and keeps its files. */
  public PostgresServer start(Path cluster, int port) {
    String options =
        "-p "
            + port
            + " -c wal_level=logical -c fsync=off -c synchronous_commit=on"
            + " -c listen_addresses=localhost -c unix_socket_directories="
            + folder(cluster);
    List<String> control = List.of("-D", cluster.toString(), "-w", "-l", cluster + ".log");
    succeed(folder(cluster), "pg_ctl", with(control, "-o", options, "start"));
    return PostgresServer.of(
        new Cluster(
            port, () -> succeed(folder(cluster), "pg_ctl", with(control, "-m", "fast", "stop"))),
        major);
  }

  /**
   * Upgrades a stopped cluster with this version's pg_upgrade.
   *
   * @param options more options, such as {@code --check}
   */
  public Ended upgrade(Installation from, Path old, Path cluster, String... options) {
    Path directory = folder(cluster);
    List<String> arguments =
        List.of(
            "-b",
            from.programs.toString(),
            "-B",
            programs.toString(),
            "-d",
            old.toString(),
            "-D",
            cluster.toString(),
            "-U",
            "postgres",
            "-s",
            directory.toString(),
            "-p",
            Integer.toString(freePort()),
            "-P",
            Integer.toString(freePort()),
            "-O",
            "-c wal_level=logical -c fsync=off",
            "-o",
            "-c wal_level=logical -c fsync=off",
            "--no-sync");
    return run(directory, "pg_upgrade", with(arguments, options));
  }

  /** A port that nothing listens on. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder(Path cluster) {
    return Objects.requireNonNull(cluster.getParent(), "an absolute path");
  }

  private static List<String> with(List<String> arguments, String... more) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return all;
  }

  private void succeed(Path directory, String program, List<String> arguments) {
    Ended ended = run(directory, program, arguments);
    if (ended.status() != 0) {
      throw new IllegalStateException(program + ": " + ended.output());
    }
  }

  private Ended run(Path directory, String program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // PostgreSQL does not run as root
    }
    command.add(programs.resolve(program).toString());
    command.addAll(arguments);
    try {
      Path output = directory.resolve(program + ".out"); // a server would keep a pipe open
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      int status = process.waitFor();
      return new Ended(status, Files.readString(output, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private record Cluster(int port, Runnable stop) implements PostgresEngine.Running {

    @Override
    public PostgresEngine.Port freePort() {
      int free = Installation.freePort();
      return new PostgresEngine.Port(free, free);
    }

    @Override
    public void restart(String mode) {
      throw new UnsupportedOperationException("a cluster is stopped, and started by a version");
    }

    @Override
    public void close() {
      stop.run();
    }
  }
}

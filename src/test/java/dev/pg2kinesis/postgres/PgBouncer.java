package dev.pg2kinesis.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A pooler before a test server, of Debian's package {@code pgbouncer}. */
public final class PgBouncer implements AutoCloseable {

  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");

  private final Process process;
  private final int port;

  private PgBouncer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  public static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  /** What to say of a test that is skipped because the program is not there. */
  public static String missing() {
    return PROGRAM + " is not there: install Debian's pgbouncer";
  }

  /**
   * Starts one, which listens when this returns.
   *
   * @param mode {@code session} or {@code transaction}, after each of which a server session is
   *     reset and may go to another client
   * @param directory for its configuration
   */
  public static PgBouncer before(PostgresServer server, String mode, Path directory) {
    return before(server, mode, true, directory);
  }

  /**
   * The same.
   *
   * @param reset whether a server session is reset after each transaction too; by default PgBouncer
   *     resets only in mode {@code session}
   */
  public static PgBouncer before(
      PostgresServer server, String mode, boolean reset, Path directory) {
    try {
      int port;
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = socket.getLocalPort();
      }
      Path configuration = directory.resolve("pgbouncer-" + mode + ".ini");
      Files.writeString(
          configuration,
          """
          [databases]
          * = host=127.0.0.1 port=%d user=postgres
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          unix_socket_dir =
          auth_type = any
          pool_mode = %s
          server_reset_query = DISCARD ALL
          server_reset_query_always = %d
          ignore_startup_parameters = extra_float_digits
          """
              .formatted(server.port(), port, mode, reset ? 1 : 0));
      List<String> command = new ArrayList<>();
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(List.of("unshare", "-U")); // it does not run as root either
      }
      command.addAll(List.of(PROGRAM.toString(), "-q", configuration.toString()));
      PgBouncer pooler =
          new PgBouncer(
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                  .start(),
              port);
      PostgresServer.await(pooler::listens);
      return pooler;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  /** Ends it, and waits until it has. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}

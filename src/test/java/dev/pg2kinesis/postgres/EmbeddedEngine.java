package dev.pg2kinesis.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Servers on this machine, of the binaries that the build copies to {@code target/postgres}. System
 * property {@code postgres.data} names a folder for their files, by default that of the system for
 * temporary files: in memory ({@code /dev/shm}) a server takes a third of the processor time to
 * start.
 */
final class EmbeddedEngine implements PostgresEngine {

  @Override
  public Running start(int major, Map<String, String> settings) {
    Path binaries = binaries(major);
    try {
      return new EmbeddedServer(
          EmbeddedPostgres.builder()
              .setPgBinaryResolver((system, machine) -> archive(binaries))
              .setPGStartupWait(Duration.ofSeconds(60))
              .setDataDirectory(dataDirectory())
              .setDataDirectoryCustomizer(directory -> configure(directory, settings))
              // The embedded server says "off" on its command line, which outweighs the file, and
              // with it a peek can miss what was just committed.
              .setServerConfig(
                  "synchronous_commit", settings.getOrDefault("synchronous_commit", "on"))
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL " + major + " did not start", e);
    }
  }

  /** A new folder, which the server deletes when it is closed. */
  private static Path dataDirectory() throws IOException {
    return Files.createTempDirectory(
        Path.of(System.getProperty("postgres.data", System.getProperty("java.io.tmpdir"))), "epg");
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
    try {
      Files.writeString(
          directory.toPath().resolve("postgresql.conf"),
          "\n" + PostgresServer.lines(settings),
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record EmbeddedServer(EmbeddedPostgres server) implements Running {

    @Override
    public int port() {
      return server.getPort();
    }

    @Override
    public Port freePort() {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return new Port(socket.getLocalPort(), socket.getLocalPort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void restart(String mode) {
      Path directory = Path.of(new Superuser(port()).query("postgres", "SHOW data_directory"));
      try {
        String options = Files.readString(directory.resolve("postmaster.opts"));
        String pgCtl =
            options.substring(0, options.indexOf(' ')).replaceAll("/postgres$", "/pg_ctl");
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

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

package dev.pg2kinesis.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import dev.pg2kinesis.postgres.PostgresEngine;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.MountableFile;

/** PostgreSQL's official images. */
public final class PostgresContainers implements PostgresEngine {

  /**
   * The same minor releases as the embedded servers' (pom.xml), so that both engines run the same
   * PostgreSQL, and none changes by itself. On Debian 12, whose wal2json can be copied into it.
   */
  private static final Map<Integer, String> TAGS =
      Map.of(
          18, "18.6-bookworm",
          17, "17.11-bookworm",
          16, "16.15-bookworm",
          15, "15.19-bookworm",
          14, "14.24-bookworm",
          13, "13.23-bookworm",
          12, "12.22-bookworm",
          11, "11.22-bookworm");

  /** Where files that settings name are in the container, readable by the server's user alone. */
  private static final String FILES = "/tmp/files";

  /** Mode of what is copied: its owner is root in the container. */
  private static final int READABLE = 0644;

  /** For servers beside the first one. */
  private static final int SPARE_PORTS = 2;

  @Override
  public Running start(int major, Map<String, String> settings) {
    Engine.require();
    String image = "postgres:" + Objects.requireNonNull(TAGS.get(major), "an image of " + major);
    PostgreSQLContainer container =
        new PostgreSQLContainer(image)
            .withUsername("postgres")
            .withPassword("postgres")
            .withEnv("POSTGRES_HOST_AUTH_METHOD", "trust")
            // Servers beside the first one are nobody's children, and PostgreSQL would take the
            // death of one for a crash of its own.
            .withCreateContainerCmdModifier(
                command -> Objects.requireNonNull(command.getHostConfig(), "ports").withInit(true));
    List<Port> ports = ports();
    // By default Testcontainers looks for a line in the log, which a server that writes its log to
    // files does not print. The server that initializes the data listens on no port.
    container.waitingFor(
        new AbstractWaitStrategy() {
          @Override
          protected void waitUntilReady() {
            PostgresServer.await(() -> isReady(ports.get(0).outside()));
          }
        });
    // Other ports after a restart would be other servers to the tests.
    container.setPortBindings(
        ports.stream().map(port -> "127.0.0.1:" + port.outside() + ":" + port.inside()).toList());
    configure(container, settings);
    Engine.start(container, image);
    return new PostgresContainer(container, ports, new AtomicInteger(1));
  }

  private static boolean isReady(int port) {
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://localhost:" + port + "/postgres", "postgres", "postgres")) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  private static List<Port> ports() {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Port> ports = new ArrayList<>();
    try {
      for (int i = 0; i <= SPARE_PORTS; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports.add(new Port(PostgreSQLContainer.POSTGRESQL_PORT + i, socket.getLocalPort()));
      }
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ports;
  }

  /** On the command line settings would outweigh {@code ALTER SYSTEM}, so they go to the file. */
  private static void configure(PostgreSQLContainer container, Map<String, String> settings) {
    Map<String, String> inside = new LinkedHashMap<>(settings);
    StringBuilder install = new StringBuilder();
    settings.forEach(
        (name, value) -> {
          if (value.startsWith("/") && Files.isRegularFile(Path.of(value))) {
            container.withCopyFileToContainer(
                MountableFile.forHostPath(value, READABLE), "/files/" + name);
            inside.put(name, FILES + "/" + name);
            install.append("install -D -m 600 /files/%1$s %2$s/%1$s\n".formatted(name, FILES));
          }
          if (value.contains("wal2json") && Wal2Json.isInstalled()) {
            String library = Wal2Json.library().toString();
            container.withCopyFileToContainer(
                MountableFile.forHostPath(library, READABLE), library);
          }
        });
    // Runs as the server's user, before the server is started for good.
    container.withCopyToContainer(
        Transferable.of(
            "set -e\n"
                + install
                + "cat >>\"$PGDATA/postgresql.conf\" <<'END'\n"
                + PostgresServer.lines(inside)
                + "END\n"),
        "/docker-entrypoint-initdb.d/settings.sh");
  }

  private record PostgresContainer(
      PostgreSQLContainer container, List<Port> ports, AtomicInteger taken) implements Running {

    @Override
    public int port() {
      return ports.get(0).outside();
    }

    @Override
    public Port freePort() {
      return ports.get(taken.getAndIncrement());
    }

    @Override
    public void restart(String mode) {
      DockerClient docker = container.getDockerClient();
      String id = container.getContainerId();
      docker.killContainerCmd(id).withSignal(mode.equals("immediate") ? "QUIT" : "INT").exec();
      docker
          .waitContainerCmd(id)
          .exec(new WaitContainerResultCallback())
          .awaitStatusCode(60, TimeUnit.SECONDS);
      docker.startContainerCmd(id).exec();
      PostgresServer.await(() -> isReady(port()));
    }

    @Override
    public void close() {
      Engine.stop(container);
    }
  }
}

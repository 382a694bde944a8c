package dev.pg2kinesis.chaos;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.HashMap;
import java.util.Map;

/**
 * The servers of histories, one for each major version, started when first needed. Each has a
 * database with the tables, which is copied for a history.
 */
final class Servers implements AutoCloseable {

  static final String TEMPLATE = "chaos";

  private final Map<Integer, PostgresServer> servers = new HashMap<>();

  PostgresServer of(int major) {
    return servers.computeIfAbsent(major, Servers::start);
  }

  private static PostgresServer start(int major) {
    PostgresServer server =
        PostgresServer.start(
            major,
            major == Wal2Json.MAJOR && Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of());
    server.execute("postgres", "CREATE DATABASE " + TEMPLATE);
    server.execute(TEMPLATE, Workload.tables().toArray(String[]::new));
    return server;
  }

  @Override
  public void close() {
    servers.values().forEach(PostgresServer::close);
  }
}

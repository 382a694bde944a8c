package dev.pg2kinesis.chaos;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.HashMap;
import java.util.Map;

/**
 * The servers of histories, one for each major version, started when first needed. Each has a
 * database with the tables, which is copied for a history, and the functions' role.
 */
final class Servers implements AutoCloseable {

  static final String TEMPLATE = "chaos";

  private final Map<Integer, Prepared> servers = new HashMap<>();

  private record Prepared(PostgresServer server, FunctionRole role) {}

  PostgresServer of(int major) {
    return prepared(major).server();
  }

  /** The role that functions log in as. */
  FunctionRole role(int major) {
    return prepared(major).role();
  }

  private Prepared prepared(int major) {
    return servers.computeIfAbsent(major, Servers::start);
  }

  private static Prepared start(int major) {
    PostgresServer server =
        PostgresServer.start(
            major,
            major == Wal2Json.MAJOR && Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of());
    try {
      server.execute("postgres", "CREATE DATABASE " + TEMPLATE);
      server.execute(TEMPLATE, Workload.tables().toArray(String[]::new));
      return new Prepared(server, FunctionRole.setUp(server, TEMPLATE));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  @Override
  public void close() {
    servers.values().forEach(prepared -> prepared.server().close());
  }
}

package dev.pg2kinesis.postgres;

import java.util.Map;

/**
 * Another way to start PostgreSQL than the embedded one. System property {@code postgres.engine}
 * names its class; a service file left over from another build would turn up unasked.
 */
public interface PostgresEngine {

  /**
   * Starts a server that takes {@code postgres} and {@code postgres} for user and password.
   *
   * @param settings of {@code postgresql.conf}
   */
  Running start(int major, Map<String, String> settings);

  /** A server that listens on localhost. */
  interface Running extends AutoCloseable {

    int port();

    @Override
    void close();
  }
}

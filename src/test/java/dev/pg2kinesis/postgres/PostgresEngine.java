package dev.pg2kinesis.postgres;

import java.util.Map;

/**
 * A way to start PostgreSQL. System property {@code postgres.engine} names the class of another one
 * than {@link EmbeddedEngine}; a service file left over from another build would turn up unasked.
 *
 * <p>Where a server runs may be another machine than the test's, with other files and processes:
 * what concerns those goes through {@link PostgresServer#shell}.
 */
public interface PostgresEngine {

  /**
   * Starts a server that takes {@code postgres} and {@code postgres} for user and password.
   *
   * @param settings of {@code postgresql.conf}, which {@code ALTER SYSTEM} can override; files that
   *     they name are the test's
   */
  Running start(int major, Map<String, String> settings);

  /** A server that listens on localhost. */
  interface Running extends AutoCloseable {

    int port();

    /** A port that nothing listens on, for another server in the same place. */
    Port freePort();

    /**
     * Stops the server and starts it again with the options it had.
     *
     * @param mode of {@code pg_ctl}: {@code fast}, or {@code immediate} for a crash
     */
    void restart(String mode);

    @Override
    void close();
  }

  /**
   * One port by its two names.
   *
   * @param inside where the server runs
   * @param outside on localhost, for the test
   */
  record Port(int inside, int outside) {}
}

package dev.pg2kinesis.slot;

import org.jspecify.annotations.Nullable;

/**
 * How to reach the database; the names are libpq's.
 *
 * @param host {@code PGHOST}
 * @param port {@code PGPORT}
 * @param name {@code PGDATABASE}
 * @param user {@code PGUSER}
 * @param password or an authentication token; null for authentication without one
 * @param sslMode {@code PGSSLMODE}
 * @param sslRootCertificate {@code PGSSLROOTCERT}: a file of PEM certificates; null for the
 *     system's
 */
public record Database(
    String host,
    int port,
    String name,
    String user,
    @Nullable String password,
    String sslMode,
    @Nullable String sslRootCertificate) {

  /** The same database with other credentials. */
  public Database as(String otherUser, @Nullable String otherPassword) {
    return new Database(host, port, name, otherUser, otherPassword, sslMode, sslRootCertificate);
  }

  /** Leaves the password out. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + name;
  }
}

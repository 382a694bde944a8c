package dev.pg2kinesis.slot;

import org.jspecify.annotations.Nullable;

/**
 * How to reach and enter a database, in libpq's terms.
 *
 * @param host {@code PGHOST}
 * @param port {@code PGPORT}
 * @param name {@code PGDATABASE}
 * @param user {@code PGUSER}
 * @param password a password or an authentication token; null if the server asks for none
 * @param sslMode {@code PGSSLMODE}
 * @param sslRootCertificate {@code PGSSLROOTCERT}: a file of PEM certificates, or {@link
 *     #SYSTEM_CERTIFICATES}; null for pgjdbc's default
 * @param clientCertificate what the role is known by, if the server asks for a certificate
 */
public record Database(
    String host,
    int port,
    String name,
    String user,
    @Nullable String password,
    String sslMode,
    @Nullable String sslRootCertificate,
    @Nullable ClientCertificate clientCertificate) {

  /**
   * Two files, as libpq reads them.
   *
   * @param certificate {@code PGSSLCERT}: PEM, the role's certificate first
   * @param key {@code PGSSLKEY}: its private key, PKCS #8 in PEM, without a password
   */
  public record ClientCertificate(String certificate, String key) {}

  /** Stands for the authorities that the Java runtime trusts. */
  public static final String SYSTEM_CERTIFICATES = "system";

  /** Without the password. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + name;
  }
}

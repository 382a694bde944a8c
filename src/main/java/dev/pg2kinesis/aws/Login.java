package dev.pg2kinesis.aws;

import org.jspecify.annotations.Nullable;

/**
 * What to log in to the database with.
 *
 * @param password password or token; null where none is asked for
 * @param host host of the database, if it came with the credentials
 * @param port port of the database, if it came with the credentials
 * @param database name of the database, if it came with the credentials
 */
public record Login(
    String user,
    @Nullable String password,
    @Nullable String host,
    @Nullable Integer port,
    @Nullable String database) {

  /** A login that knows nothing of where it is used. */
  public Login(String user, @Nullable String password) {
    this(user, password, null, null, null);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Login[user="
        + user
        + ", host="
        + host
        + ", port="
        + port
        + ", database="
        + database
        + "]";
  }
}

package dev.pg2kinesis.aws;

import org.jspecify.annotations.Nullable;

/**
 * A user and a password of the database, and the address if it came with them.
 *
 * @param password password or token; null if the server asks for none
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

  /** A login without an address. */
  public Login(String user, @Nullable String password) {
    this(user, password, null, null, null);
  }

  /** Leaves out the password. */
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

package dev.pg2kinesis.aws;

import org.jspecify.annotations.Nullable;

/** Supplies logins. All methods throw {@link AwsException}. */
public interface LoginSource {

  /** A login to try first; it may have been fetched in an earlier run. */
  Login current();

  /**
   * A freshly fetched login, for use after the database rejected the current one (SQLSTATE 28P01),
   * as it does after a rotation.
   */
  Login renewed();

  /** A constant user and password, or a user alone. */
  static LoginSource fixed(String user, @Nullable String password) {
    Login login = new Login(user, password);
    return new LoginSource() {
      @Override
      public Login current() {
        return login;
      }

      @Override
      public Login renewed() {
        return login;
      }
    };
  }
}

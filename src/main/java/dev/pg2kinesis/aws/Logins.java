package dev.pg2kinesis.aws;

import org.jspecify.annotations.Nullable;

/** Where logins come from. All methods throw {@link AwsException}. */
public interface Logins {

  /** A login to try; may be one that was fetched for an earlier run. */
  Login current();

  /**
   * A login fetched anew, for when the database has rejected the one before (SQLSTATE 28P01), as it
   * does after a rotation.
   */
  Login renewed();

  /** A user and a password given by hand, or none, which no rotation changes. */
  static Logins fixed(String user, @Nullable String password) {
    Login login = new Login(user, password);
    return new Logins() {
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

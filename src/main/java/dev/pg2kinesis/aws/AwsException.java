package dev.pg2kinesis.aws;

import dev.pg2kinesis.error.CodedException;
import org.jspecify.annotations.Nullable;

/**
 * A secret, a parameter or a token could not be had. The message starts with the code and says what
 * mends it; it names secrets and parameters, never what they hold.
 */
public final class AwsException extends CodedException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  /**
   * @param cause an error of the AWS SDK, which quotes no values; never one of a parser, which does
   */
  AwsException(Code code, String message, @Nullable Throwable cause) {
    super(code.name(), message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Stable names for what can be wrong. */
  public enum Code {
    /** No secret of that name, or it is scheduled for deletion. */
    SECRET_MISSING,
    /** The secret holds something else than a user name and a password. */
    SECRET_INVALID,
    /** The role may not read the secret or use its key. */
    SECRET_ACCESS_DENIED,
    /** Secrets Manager did not answer, or answered with another error. */
    SECRET_FAILED,
    /** Nothing is below CONFIG_PATH. */
    PARAMETER_MISSING,
    /** Parameter Store does not take this name, path or value. */
    PARAMETER_INVALID,
    /** The role may not read or write the parameter, or use its key. */
    PARAMETER_ACCESS_DENIED,
    /** Somebody else wrote the parameter since it was read. */
    PARAMETER_CONFLICT,
    /** Parameter Store did not answer, or answered with another error. */
    PARAMETER_FAILED,
    /** No credentials to sign a database token with. */
    TOKEN_FAILED
  }
}

package dev.pg2kinesis.aws;

import dev.pg2kinesis.error.CodedException;
import org.jspecify.annotations.Nullable;

/**
 * A secret, a parameter or a token is not available. The message says how to fix it. It names
 * secrets and parameters, but never quotes their values.
 */
public final class AwsException extends CodedException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  /**
   * @param cause an exception of the AWS SDK, which quotes no values; not a parser's, which does
   */
  AwsException(Code code, String message, @Nullable Throwable cause) {
    super(code.name(), message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Stable names of the failures. */
  public enum Code {
    /** There is no secret of that name, or it is scheduled for deletion. */
    SECRET_MISSING,
    /** The secret does not hold a user name and a password, or a key. */
    SECRET_INVALID,
    /** The role may not read the secret or use its key. */
    SECRET_ACCESS_DENIED,
    /** Secrets Manager did not answer, or answered with another error. */
    SECRET_FAILED,
    /** There is no parameter below CONFIG_PATH. */
    PARAMETER_MISSING,
    /** Parameter Store rejects this name, path or value. */
    PARAMETER_INVALID,
    /** The role may not read or write the parameter, or use its key. */
    PARAMETER_ACCESS_DENIED,
    /** Another process wrote the parameter since it was read. */
    PARAMETER_CONFLICT,
    /** Parameter Store did not answer, or answered with another error. */
    PARAMETER_FAILED,
    /** There are no credentials or no region to sign a database token with. */
    TOKEN_FAILED
  }
}

package dev.pg2kinesis.publish;

import dev.pg2kinesis.error.CodedException;
import org.jspecify.annotations.Nullable;

/** Publishing stopped. The code says what to do about it. */
public final class PublishException extends CodedException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  public PublishException(Code code, String message, @Nullable Throwable cause) {
    super(code.name(), message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** The same, with the stream's name in front of the explanation. */
  public PublishException at(String stream) {
    return new PublishException(code, "stream " + stream + ": " + explanation(), getCause());
  }

  /** Why publishing stopped. */
  public enum Code {
    /** The run's time is used up; the next run continues. */
    DEADLINE,
    /** The stream does not exist. */
    STREAM_MISSING,
    /** IAM or the stream's KMS key does not allow it. */
    STREAM_ACCESS_DENIED,
    /** The AWS credentials are missing, expired or not accepted. */
    CREDENTIALS_REJECTED,
    /** Kinesis did not answer, or answered with server errors, in every attempt. */
    STREAM_UNREACHABLE,
    /** Another failure that a retry does not fix. */
    STREAM_FAILED
  }
}

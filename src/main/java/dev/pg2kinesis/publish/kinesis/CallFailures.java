package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.ErrorCodes;
import dev.pg2kinesis.publish.Failure;
import dev.pg2kinesis.publish.PublishException.Code;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Translates the SDK's exceptions. Throttling and clock skew are told by the SDK's own predicates,
 * which know the codes of all services; the rest by {@link ErrorCodes} and the HTTP status.
 */
final class CallFailures {

  private static final int SERVER_ERROR = 500;

  private CallFailures() {}

  /** The failure of a whole call. */
  static Failure of(SdkException e) {
    if (!(e instanceof AwsServiceException service)) {
      return ofClient(e);
    }
    AwsErrorDetails details = service.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    String reason = code == null ? "HTTP " + service.statusCode() : code;
    if (service.isThrottlingException()) {
      return new Failure(Failure.UNLIMITED, Code.STREAM_FAILED, reason);
    }
    if (service.isClockSkewException()) {
      return new Failure(
          Failure.FEW, Code.CREDENTIALS_REJECTED, reason + ErrorCodes.CREDENTIALS_FIX);
    }
    Failure failure =
        ErrorCodes.ofCall(reason, detail(details == null ? null : details.errorMessage()));
    boolean unknown = failure.code() == Code.STREAM_FAILED && failure.attempts() == Failure.ONE;
    return unknown && service.statusCode() >= SERVER_ERROR
        ? new Failure(Failure.SEVERAL, Code.STREAM_UNREACHABLE, reason)
        : failure;
  }

  private static Failure ofClient(SdkException e) {
    String message = e.getMessage();
    if (message != null && message.startsWith("Unable to load credentials")) {
      return new Failure(
          Failure.ONE,
          Code.CREDENTIALS_REJECTED,
          "there are no AWS credentials" + ErrorCodes.CREDENTIALS_FIX);
    }
    return new Failure(
        Failure.SEVERAL,
        Code.STREAM_UNREACHABLE,
        "no answer from Kinesis ("
            + rootCause(e).getClass().getSimpleName()
            + "); check the region, the route or the VPC endpoint kinesis-streams, and the security"
            + " groups");
  }

  private static Throwable rootCause(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String detail(@Nullable String message) {
    return message == null || message.isBlank() ? "" : " (" + message.strip() + ")";
  }
}

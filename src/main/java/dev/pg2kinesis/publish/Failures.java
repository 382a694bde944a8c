package dev.pg2kinesis.publish;

import dev.pg2kinesis.publish.PublishException.Code;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Tells failures apart by their error code. Sources: Amazon Kinesis Data Streams API Reference,
 * "PutRecords" and "Common Errors"; AWS SDKs and Tools Reference Guide, "Retry behavior".
 */
public final class Failures {

  private static final String CREDENTIALS_FIX =
      "; give the function a role, or set fresh AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

  private Failures() {}

  /** The failure of a record in a request that was answered. */
  static Failure ofRecord(String code) {
    Failure failure = ofCode(code, "");
    return failure.attempts() > Failure.ONE
        ? new Failure(Failure.UNLIMITED, failure.code(), failure.reason())
        : failure;
  }

  /** The failure of a whole call. */
  public static Failure ofCall(SdkException e) {
    if (!(e instanceof AwsServiceException service)) {
      return ofClient(e);
    }
    AwsErrorDetails details = service.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    Failure failure =
        ofCode(
            code == null ? "HTTP " + service.statusCode() : code,
            detail(details == null ? null : details.errorMessage()));
    return failure.code() == Code.STREAM_FAILED && failure.attempts() == Failure.ONE
        ? ofStatus(service.statusCode(), failure)
        : failure;
  }

  private static Failure ofStatus(int status, Failure otherwise) {
    if (status == 429) {
      return new Failure(Failure.UNLIMITED, Code.STREAM_FAILED, otherwise.reason());
    }
    if (status >= 500) {
      return new Failure(Failure.SEVERAL, Code.STREAM_UNREACHABLE, otherwise.reason());
    }
    return otherwise;
  }

  private static Failure ofCode(String code, String detail) {
    return switch (code) {
      case "ProvisionedThroughputExceededException",
          "LimitExceededException",
          "KMSThrottlingException",
          "Throttling",
          "ThrottlingException",
          "ThrottledException",
          "RequestThrottled",
          "RequestThrottledException",
          "RequestLimitExceeded",
          "TooManyRequestsException",
          "SlowDown" ->
          new Failure(Failure.UNLIMITED, Code.STREAM_FAILED, code);
      case "InternalFailure",
          "InternalFailureException",
          "InternalServerError",
          "ServiceUnavailable",
          "ServiceUnavailableException",
          "RequestTimeout",
          "RequestTimeoutException" ->
          new Failure(Failure.SEVERAL, Code.STREAM_UNREACHABLE, code);
      case "ResourceInUseException" ->
          new Failure(Failure.SEVERAL, Code.STREAM_FAILED, code + detail);
      case "ResourceNotFoundException" ->
          new Failure(
              Failure.ONE,
              Code.STREAM_MISSING,
              code + detail + "; check STREAM_NAME or STREAM_ARN, the account and the region");
      case "AccessDeniedException", "AccessDenied", "NotAuthorized", "OptInRequired" ->
          new Failure(
              Failure.ONE,
              Code.STREAM_ACCESS_DENIED,
              code + detail + "; allow kinesis:PutRecords on the stream");
      case "KMSAccessDeniedException",
          "KMSDisabledException",
          "KMSInvalidStateException",
          "KMSNotFoundException",
          "KMSOptInRequired" ->
          new Failure(
              Failure.ONE,
              Code.STREAM_ACCESS_DENIED,
              code + detail + "; the stream's key must be enabled and allow kms:GenerateDataKey");
      case "ExpiredToken",
          "ExpiredTokenException",
          "RequestExpired",
          "RequestTimeTooSkewed",
          "InvalidSignatureException",
          "SignatureDoesNotMatch" ->
          new Failure(Failure.FEW, Code.CREDENTIALS_REJECTED, code + CREDENTIALS_FIX);
      case "UnrecognizedClientException",
          "InvalidClientTokenId",
          "IncompleteSignature",
          "MissingAuthenticationToken",
          "MissingAuthenticationTokenException" ->
          new Failure(Failure.ONE, Code.CREDENTIALS_REJECTED, code + CREDENTIALS_FIX);
      // The messages of validation errors repeat partition keys, which hold values of rows.
      default -> new Failure(Failure.ONE, Code.STREAM_FAILED, code);
    };
  }

  private static Failure ofClient(SdkException e) {
    String message = e.getMessage();
    if (message != null && message.startsWith("Unable to load credentials")) {
      return new Failure(
          Failure.ONE, Code.CREDENTIALS_REJECTED, "there are no AWS credentials" + CREDENTIALS_FIX);
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

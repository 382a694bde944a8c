package dev.pg2kinesis.publish;

import dev.pg2kinesis.publish.PublishException.Code;

/**
 * Error codes of Kinesis and what they mean to a publisher. Sources: Amazon Kinesis Data Streams
 * API Reference, "PutRecords" and "Common Errors".
 */
public final class ErrorCodes {

  /** How to get credentials that Kinesis accepts. */
  public static final String CREDENTIALS_FIX =
      "; give the function a role, or set fresh AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

  private ErrorCodes() {}

  /**
   * The failure of a record in a request that was answered. Temporary failures are retried without
   * limit.
   */
  static Failure ofRecord(String code) {
    Failure failure = ofCall(code, "");
    return failure.attempts() > Failure.ONE
        ? new Failure(Failure.UNLIMITED, failure.code(), failure.reason())
        : failure;
  }

  /**
   * The failure of a whole call.
   *
   * @param detail the service's message in parentheses, or nothing; repeated where it quotes no
   *     values of rows
   */
  public static Failure ofCall(String code, String detail) {
    return switch (code) {
      case "ProvisionedThroughputExceededException",
          "LimitExceededException",
          "KMSThrottlingException" ->
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
              code
                  + detail
                  + "; check STREAM_NAME, STREAM_ARN or ROUTES, the account and the region");
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
}

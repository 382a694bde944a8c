package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ssm.model.InvalidKeyIdException;

/** Translates the exceptions of Parameter Store. */
final class ParameterErrors {

  private ParameterErrors() {}

  /**
   * @param name the requested parameter or path
   * @param right the IAM action that the call needs
   */
  static AwsException translated(SdkException e, String name, String right) {
    if (e instanceof InvalidKeyIdException
        || (e instanceof AwsServiceException service && AwsClients.isDenied(service))) {
      return new AwsException(
          Code.PARAMETER_ACCESS_DENIED,
          name
              + " is not accessible; the function's role needs "
              + right
              + " on it, and kms:Decrypt if it is a SecureString with a customer managed key",
          e);
    }
    if (e instanceof AwsServiceException service
        && service.statusCode() == 400
        && !service.isThrottlingException()) {
      return new AwsException(
          Code.PARAMETER_INVALID, name + " is not accepted by Parameter Store", e);
    }
    return new AwsException(
        Code.PARAMETER_FAILED,
        name
            + " could not be reached; in a VPC Systems Manager is reached through its interface"
            + " endpoint (ssm) or a NAT gateway",
        e);
  }
}

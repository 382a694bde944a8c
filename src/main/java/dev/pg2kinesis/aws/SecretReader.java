package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DecryptionFailureException;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** Reads the text of one secret of Secrets Manager. */
final class SecretReader {

  private final String secretId;
  private final String setting;
  private final AwsClients clients;

  /**
   * @param secretId name or ARN of the secret
   * @param setting the setting that names it, for messages
   */
  SecretReader(String secretId, String setting, AwsClients clients) {
    this.secretId = secretId;
    this.setting = setting;
    this.clients = clients;
  }

  /** Fetches the text. */
  String text() {
    SecretsManagerClient client = clients.secretsManager();
    try {
      String text = client.getSecretValue(request -> request.secretId(secretId)).secretString();
      if (text == null) {
        throw new AwsException(Code.SECRET_INVALID, named("is binary; it must be text"), null);
      }
      return text;
    } catch (ResourceNotFoundException e) {
      throw new AwsException(
          Code.SECRET_MISSING, named("does not exist in this region; check " + setting), e);
    } catch (InvalidRequestException e) {
      throw new AwsException(
          Code.SECRET_MISSING, named("is scheduled for deletion; restore it"), e);
    } catch (DecryptionFailureException e) {
      throw denied(e);
    } catch (AwsServiceException e) {
      throw AwsClients.isDenied(e) ? denied(e) : failed(e);
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private AwsException denied(SdkException e) {
    return new AwsException(
        Code.SECRET_ACCESS_DENIED,
        named(
            "may not be read; the function's role needs secretsmanager:GetSecretValue on it, and"
                + " kms:Decrypt if it has a customer managed key"),
        e);
  }

  private AwsException failed(SdkException e) {
    return new AwsException(
        Code.SECRET_FAILED,
        named(
            "could not be read; in a VPC Secrets Manager is reached through its interface endpoint"
                + " or a NAT gateway"),
        e);
  }

  private String named(String what) {
    return "secret " + secretId + " " + what;
  }
}

package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DecryptionFailureException;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * Reads logins from a secret of Secrets Manager. A login is kept from run to run until the database
 * rejects it.
 */
public final class SecretLogins implements LoginSource {

  private final String secretId;
  private final AwsClients clients;
  private @Nullable Login login;

  /**
   * @param secretId name or ARN of the secret
   */
  public SecretLogins(String secretId, AwsClients clients) {
    this.secretId = secretId;
    this.clients = clients;
  }

  @Override
  public Login current() {
    Login known = login;
    return known != null ? known : renewed();
  }

  @Override
  public Login renewed() {
    Login fetched = SecretText.parse(secretId, fetch());
    login = fetched;
    return fetched;
  }

  private String fetch() {
    SecretsManagerClient client = clients.secretsManager();
    try {
      String text = client.getSecretValue(request -> request.secretId(secretId)).secretString();
      if (text == null) {
        throw new AwsException(Code.SECRET_INVALID, named("is binary; it must be JSON text"), null);
      }
      return text;
    } catch (ResourceNotFoundException e) {
      throw new AwsException(
          Code.SECRET_MISSING, named("does not exist in this region; check DB_SECRET_ID"), e);
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

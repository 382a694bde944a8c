package dev.pg2kinesis.aws;

import org.jspecify.annotations.Nullable;

/**
 * Reads logins from a secret of Secrets Manager. A login is kept from run to run until the database
 * rejects it.
 */
public final class SecretLogins implements LoginSource {

  private final String secretId;
  private final SecretReader secret;
  private @Nullable Login login;

  /**
   * @param secretId name or ARN of the secret
   */
  public SecretLogins(String secretId, AwsClients clients) {
    this.secretId = secretId;
    this.secret = new SecretReader(secretId, "DB_SECRET_ID", clients);
  }

  @Override
  public Login current() {
    Login known = login;
    return known != null ? known : renewed();
  }

  @Override
  public Login renewed() {
    Login fetched = SecretText.parse(secretId, secret.text());
    login = fetched;
    return fetched;
  }
}

package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;

/**
 * IAM database authentication: the password is a signed request to connect, valid for 15 minutes.
 * Signing needs no call and so no endpoint. The SDK's signer is part of every client; the {@code
 * rds} client would add 4 MB for the line that builds the URL ("Manually constructing an IAM
 * authentication token" in the Amazon RDS User Guide).
 */
public final class TokenLogins implements LoginSource {

  /** How long RDS accepts a token. A session outlives its token. */
  private static final Duration VALID = Duration.ofMinutes(15);

  private final Endpoint endpoint;
  private final Supplier<Region> region;
  private final Supplier<AwsCredentialsProvider> credentials;
  private final Clock clock;

  /** Signs with the function's credentials for the function's region. */
  public TokenLogins(Endpoint endpoint, AwsClients clients, Clock clock) {
    this(endpoint, clients::region, clients::credentials, clock);
  }

  TokenLogins(
      Endpoint endpoint,
      Supplier<Region> region,
      Supplier<AwsCredentialsProvider> credentials,
      Clock clock) {
    this.endpoint = endpoint;
    this.region = region;
    this.credentials = credentials;
    this.clock = clock;
  }

  /** What the token is valid for. The host is the instance's own name, not an alias. */
  public record Endpoint(String host, int port, String user) {}

  @Override
  public Login current() {
    return renewed();
  }

  @Override
  public Login renewed() {
    try {
      return new Login(endpoint.user(), token());
    } catch (SdkException e) {
      throw new AwsException(
          Code.TOKEN_FAILED,
          "there is no region or there are no credentials to sign a database token with; a function"
              + " has both, elsewhere set AWS_REGION and AWS credentials",
          e);
    }
  }

  private String token() {
    AwsCredentialsIdentity identity = credentials.get().resolveCredentials();
    SdkHttpRequest connect =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.GET)
            .uri(URI.create("https://" + endpoint.host() + ":" + endpoint.port() + "/"))
            .putRawQueryParameter("Action", "connect")
            .putRawQueryParameter("DBUser", endpoint.user())
            .build();
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(
                request ->
                    request
                        .identity(identity)
                        .request(connect)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "rds-db")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region.get().id())
                        .putProperty(AwsV4HttpSigner.AUTH_LOCATION, AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, VALID)
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock))
            .request();
    return signed.getUri().toString().substring("https://".length());
  }
}

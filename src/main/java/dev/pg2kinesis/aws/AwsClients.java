package dev.pg2kinesis.aws;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/**
 * The clients of this package, opened when first used and kept for the life of the process. The SDK
 * finds region, endpoints and credentials ({@code AWS_REGION}, {@code AWS_ENDPOINT_URL}, …).
 */
public final class AwsClients implements AutoCloseable {

  // A VPC without a route to the service never answers. These limits leave the run time to say so;
  // with a route an attempt takes milliseconds.
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ATTEMPT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(15);

  private @Nullable SdkHttpClient http;
  private @Nullable SecretsManagerClient secretsManager;
  private @Nullable SsmClient ssm;
  private @Nullable AwsCredentialsProvider credentials;
  private @Nullable Region region;

  /** Clients of services in memory, for a rehearsal. */
  public static AwsClients inMemory() {
    AwsClients clients = new AwsClients();
    clients.region = Region.US_EAST_1;
    clients.credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("rehearsal", "rehearsal"));
    clients.http = new AnsweringHttpClient(new RehearsalServices()::answer);
    return clients;
  }

  SecretsManagerClient secretsManager() {
    SecretsManagerClient open = secretsManager;
    if (open == null) {
      open = configured(SecretsManagerClient.builder().httpClient(http())).build();
      secretsManager = open;
    }
    return open;
  }

  SsmClient ssm() {
    SsmClient open = ssm;
    if (open == null) {
      open = configured(SsmClient.builder().httpClient(http())).build();
      ssm = open;
    }
    return open;
  }

  AwsCredentialsProvider credentials() {
    AwsCredentialsProvider open = credentials;
    if (open == null) {
      open = DefaultCredentialsProvider.builder().build();
      credentials = open;
    }
    return open;
  }

  Region region() {
    return region != null ? region : new DefaultAwsRegionProviderChain().getRegion();
  }

  private <B extends AwsClientBuilder<B, ?>> B configured(B builder) {
    return builder
        .region(region)
        .credentialsProvider(credentials())
        .overrideConfiguration(c -> c.apiCallAttemptTimeout(ATTEMPT).apiCallTimeout(CALL));
  }

  private SdkHttpClient http() {
    SdkHttpClient open = http;
    if (open == null) {
      open = UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).build();
      http = open;
    }
    return open;
  }

  /** Whether the role may not make a call, or may not use the KMS key that it needs. */
  static boolean isDenied(AwsServiceException e) {
    return e.statusCode() == 403
        || (e.awsErrorDetails() != null
            && "AccessDeniedException".equals(e.awsErrorDetails().errorCode()));
  }

  @Override
  public void close() {
    if (secretsManager != null) {
      secretsManager.close();
    }
    if (ssm != null) {
      ssm.close();
    }
    if (http != null) {
      http.close();
    }
  }
}

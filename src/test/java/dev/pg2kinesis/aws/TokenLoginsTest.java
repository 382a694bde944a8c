package dev.pg2kinesis.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;

/** The expected signatures are those of botocore 1.44.5, {@code rds.generate_db_auth_token}. */
class TokenLoginsTest {

  private static final String HOST = "db.abc.eu-central-1.rds.amazonaws.com";
  private static final String KEY = "AKIAIOSFODNN7EXAMPLE";
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({
    "cdc, '', cdc, fa1ce59653fddd56c474cb102669476c53cb062a4d86aaaf5f83aae19c9f0924",
    "cdc user+@é, '', cdc%20user%2B%40%C3%A9,"
        + " a2a8199bb014d9e78281e0398759a250fb7182901cbf95eaabf94a586ac3b835",
    "cdc, SESSION/TOKEN+==, cdc, 8bcdce8b003801c859da53a006bf02d41fa1915245744de7ef388865a862ced1",
    "cdc user+@é, SESSION/TOKEN+==, cdc%20user%2B%40%C3%A9,"
        + " bc7e1054717159f751a0dd0bb0e08c420e056acf2924d9ca52f71cf023b99f30",
  })
  void signsAsBotocoreDoes(String user, String session, String encodedUser, String signature) {
    AwsCredentials credentials =
        session.isEmpty()
            ? AwsBasicCredentials.create(KEY, SECRET)
            : AwsSessionCredentials.create(KEY, SECRET, session);

    Login login =
        new TokenLogins(
                new TokenLogins.Endpoint(HOST, 5432, user),
                () -> Region.EU_CENTRAL_1,
                () -> StaticCredentialsProvider.create(credentials),
                CLOCK)
            .current();

    assertThat(login.user()).isEqualTo(user);
    String address = HOST + ":5432/?";
    String token = String.valueOf(login.password());
    assertThat(token).startsWith(address);
    assertThat(token.substring(address.length()).split("&"))
        .contains(
            "Action=connect",
            "DBUser=" + encodedUser,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=" + KEY + "%2F20260102%2Feu-central-1%2Frds-db%2Faws4_request",
            "X-Amz-Date=20260102T030405Z",
            "X-Amz-Expires=900",
            "X-Amz-SignedHeaders=host",
            "X-Amz-Signature=" + signature)
        .hasSize(session.isEmpty() ? 8 : 9);
  }

  @Test
  void withoutCredentialsItSaysWhatToSet() {
    TokenLogins logins =
        new TokenLogins(
            new TokenLogins.Endpoint(HOST, 5432, "cdc"),
            () -> Region.EU_CENTRAL_1,
            () -> {
              throw SdkClientException.create("none");
            },
            CLOCK);

    assertThatThrownBy(logins::current)
        .hasMessageStartingWith("TOKEN_FAILED")
        .hasMessageContaining("AWS_REGION");
  }
}

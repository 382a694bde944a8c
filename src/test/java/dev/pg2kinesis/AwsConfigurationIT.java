package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.AwsSettings;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The handler with its settings in Parameter Store and its password in Secrets Manager. */
class AwsConfigurationIT {

  private static final String POLL = "{\"action\":\"poll\"}";

  @TempDir static Path directory;

  private static Moto moto;
  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();
  private static PostgresServer server;

  private LocalDeployment deployment;
  private AwsSettings aws;

  @BeforeAll
  static void start() throws IOException {
    moto = Moto.start();
    // The embedded server trusts everybody; here the password of one role is checked.
    Path rules =
        Files.writeString(
            directory.resolve("pg_hba.conf"),
            """
            host all cdc all scram-sha-256
            host all all all trust
            local all all trust
            """);
    server = PostgresServer.start(15, Map.of("hba_file", rules.toString()));
    server.execute("postgres", "CREATE ROLE cdc LOGIN REPLICATION");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (moto != null) {
      moto.close();
    }
  }

  @BeforeEach
  void deploy() {
    deployment = LocalDeployment.on(server, kinesis, 1).withSlot("test_decoding");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    deployment.without("PGUSER").without("PGPASSWORD");
    aws = new AwsSettings(moto.endpoint());
  }

  @AfterEach
  void restore() {
    aws.close();
  }

  private static void databasePassword(String password) {
    server.execute("postgres", "ALTER ROLE cdc PASSWORD '" + password + "'");
  }

  private void secret(String action, String password) {
    String name = action.equals("CreateSecret") ? "Name" : "SecretId";
    moto.call(
        "secretsmanager",
        "secretsmanager." + action,
        "{\"%s\":\"%s\",\"SecretString\":\"{\\\"username\\\":\\\"cdc\\\",\\\"password\\\":\\\"%s\\\"}\"}"
            .formatted(name, deployment.slot(), password));
  }

  private void parameter(String name, String type, String value) {
    moto.call(
        "ssm",
        "AmazonSSM.PutParameter",
        "{\"Name\":\"/%s/%s\",\"Type\":\"%s\",\"Value\":\"%s\"}"
            .formatted(deployment.slot(), name, type, value));
  }

  @Test
  void goesOnWhenThePasswordIsRotatedBetweenTwoRunsOfAWarmFunction() {
    databasePassword("first");
    secret("CreateSecret", "first");
    deployment.with("DB_SECRET_ID", deployment.slot());
    deployment.sql("INSERT INTO t VALUES (1)");
    assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(1);

    databasePassword("second");
    secret("PutSecretValue", "second");
    deployment.sql("INSERT INTO t VALUES (2)");

    assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(1);
    assertThat(deployment.newRecords()).hasSize(2);
  }

  @Test
  void saysSoWhenTheSecretIsNotTheDatabasesPassword() {
    databasePassword("first");
    secret("CreateSecret", "hunter2");
    deployment.with("DB_SECRET_ID", deployment.slot());

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("PASSWORD_REJECTED")
        .hasMessageContaining("cdc")
        .hasMessageNotContaining("hunter2");
    assertThat(String.join("\n", deployment.log())).doesNotContain("hunter2");

    databasePassword("hunter2");
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
  }

  @Test
  void aMissingSecretIsNamed() {
    deployment.with("DB_SECRET_ID", "no/such");

    assertThatThrownBy(() -> deployment.invoke(POLL)).hasMessageStartingWith("SECRET_MISSING");
  }

  @Test
  void readsItsSettingsFromParameterStore() {
    databasePassword("third");
    parameter("PGUSER", "String", "cdc");
    parameter("PGPASSWORD", "SecureString", "third");
    parameter("FORMAT", "String", "csv");
    parameter("PGHOST", "String", "the.environment.wins");
    deployment.with("CONFIG_PATH", "/" + deployment.slot());
    deployment.sql("INSERT INTO t VALUES (7)");

    deployment.invoke(POLL);

    assertThat(deployment.newPayloads())
        .singleElement()
        .asString()
        .startsWith("0,CDC,")
        .endsWith(",public.t,INSERT,7");
  }

  @Test
  void anEmptyPathIsAMistake() {
    deployment.with("CONFIG_PATH", "/no/such");

    assertThatThrownBy(() -> deployment.invoke(POLL)).hasMessageStartingWith("PARAMETER_MISSING");
  }
}

package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A role's name and password are data: whatever they hold, the server gets it as it is. */
class HostileLoginIT {

  private static final String ROLE = "r %s $$ ${x} -- é😀";
  private static final String POLL = "{\"action\":\"poll\"}";

  private static final PostgresServer server = PostgresServer.shared(18);
  private static FakeKinesis kinesis;
  private static LocalDeployment deployment;

  @BeforeAll
  static void deploy() {
    kinesis = FakeKinesis.start();
    deployment = LocalDeployment.on(server, kinesis, 1);
    server.requirePassword("hostile_role", ROLE);
    deployment.sql("CREATE ROLE \"" + ROLE + "\" LOGIN REPLICATION");
    deployment.invoke("{\"action\":\"create-slot\"}");
  }

  @AfterAll
  static void drop() {
    deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");
    deployment.sql("DROP ROLE \"" + ROLE + "\"");
    kinesis.close();
  }

  /** SCRAM, by which PostgreSQL prepares some passwords (RFC 4013) and takes others as bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; DROP ROLE x; --",
        "\"quoted\" \\ %s%%20%00+&=;",
        " blanks\t",
        "two\nlines\r\n",
        "\u0001\u001b\u007f\u0085",
        "e\u0301 \u00aa \u2168 \u00a0\u00ad",
        "\u202e\u0627\u0628a\u2028\ufeff",
        "\uffff\ue000😀漢",
      })
  void aRoleAndItsPasswordAreTakenAsTheyAre(String password) {
    String literal = "E'" + password.replace("\\", "\\\\").replace("'", "''") + "'";
    deployment.sql(
        "SET password_encryption = 'scram-sha-256'",
        "ALTER ROLE \"" + ROLE + "\" PASSWORD " + literal);
    LocalDeployment guarded =
        deployment.secondFunction().with("PGUSER", ROLE).with("PGPASSWORD", password);

    JsonNode report = guarded.invoke(POLL);
    Throwable failure =
        catchThrowable(() -> guarded.with("PGPASSWORD", password + "x").invoke(POLL));

    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(failure).hasMessageStartingWith("PASSWORD_REJECTED: the password of role " + ROLE);
    for (Throwable t = failure; t != null; t = t.getCause()) {
      assertThat(t.toString()).doesNotContain(password);
    }
  }
}

package dev.pg2kinesis.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.AwsException.Code;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SecretLoginsIT {

  private static Moto moto;

  private final AwsClients clients = new AwsClients();
  private AwsSettings settings;

  @BeforeAll
  static void start() {
    moto = Moto.start();
  }

  @AfterAll
  static void stop() {
    if (moto != null) {
      moto.close();
    }
  }

  @BeforeEach
  void point() {
    settings = new AwsSettings(moto.endpoint());
  }

  @AfterEach
  void restore() {
    moto.openToAll();
    clients.close();
    settings.close();
  }

  private static void create(String name, String password) {
    moto.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        "{\"Name\":\"" + name + "\",\"SecretString\":" + text(password) + "}");
  }

  private static String text(String password) {
    return "\"{\\\"username\\\":\\\"cdc\\\",\\\"password\\\":\\\"" + password + "\\\"}\"";
  }

  @Test
  void fetchesOnceAndAgainOnlyWhenAsked() {
    create("rotating", "first");
    SecretLogins logins = new SecretLogins("rotating", clients);

    assertThat(logins.current()).isEqualTo(new Login("cdc", "first"));

    moto.call(
        "secretsmanager",
        "secretsmanager.PutSecretValue",
        "{\"SecretId\":\"rotating\",\"SecretString\":" + text("second") + "}");

    assertThat(logins.current()).isEqualTo(new Login("cdc", "first"));
    assertThat(logins.renewed()).isEqualTo(new Login("cdc", "second"));
    assertThat(logins.current()).isEqualTo(new Login("cdc", "second"));
  }

  @Test
  void aMissingSecretIsNamed() {
    assertThatThrownBy(() -> new SecretLogins("no/such", clients).current())
        .hasMessageStartingWith("SECRET_MISSING: secret no/such does not exist");
  }

  @Test
  void aDeletedSecretIsNamed() {
    create("deleted", "pw");
    moto.call("secretsmanager", "secretsmanager.DeleteSecret", "{\"SecretId\":\"deleted\"}");

    assertThatThrownBy(() -> new SecretLogins("deleted", clients).current())
        .hasMessageStartingWith("SECRET_MISSING: secret deleted is scheduled for deletion");
  }

  @Test
  void aBinarySecretIsInvalid() {
    moto.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        "{\"Name\":\"binary\",\"SecretBinary\":\"aHVudGVyMg==\"}");

    assertThatThrownBy(() -> new SecretLogins("binary", clients).current())
        .hasMessageStartingWith("SECRET_INVALID: secret binary is binary");
  }

  @Test
  void aRoleWithoutTheRightIsToldWhichOne() {
    create("locked", "pw");
    String[] keys =
        moto.user(
            "bystander",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}
            """);
    moto.enforceRights();
    settings.credentials(keys[0], keys[1]);

    assertThatThrownBy(() -> new SecretLogins("locked", clients).current())
        .hasMessageStartingWith("SECRET_ACCESS_DENIED: secret locked may not be read")
        .hasMessageContaining("secretsmanager:GetSecretValue");
  }

  @Test
  void aRoleWithTheRightIsLetIn() {
    create("open", "pw");
    String[] keys =
        moto.user(
            "reader",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
             "Action":"secretsmanager:GetSecretValue","Resource":"*"}]}
            """);
    moto.enforceRights();
    settings.credentials(keys[0], keys[1]);

    assertThat(new SecretLogins("open", clients).current().password()).isEqualTo("pw");
  }

  @Test
  void anEndpointThatIsNotThereIsAnErrorOfItsOwn() {
    settings.set("aws.endpointUrl", URI.create("http://127.0.0.1:1").toString());

    assertThatThrownBy(() -> new SecretLogins("any", clients).current())
        .isInstanceOfSatisfying(
            AwsException.class, e -> assertThat(e.code()).isEqualTo(Code.SECRET_FAILED))
        .hasMessageContaining("interface endpoint");
  }
}

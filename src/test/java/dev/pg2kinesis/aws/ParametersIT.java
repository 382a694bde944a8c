package dev.pg2kinesis.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.VersionedParameter.Versioned;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersIT {

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

  private static void put(String name, String type, String value) {
    moto.call(
        "ssm",
        "AmazonSSM.PutParameter",
        "{\"Name\":\"%s\",\"Type\":\"%s\",\"Value\":\"%s\"}".formatted(name, type, value));
  }

  private void loginAs(String user, String policy) {
    String[] keys = moto.user(user, policy);
    moto.enforceRights();
    settings.credentials(keys[0], keys[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/app/plain", "/app/slash/"})
  void readsWhatIsDirectlyBelowAPath(String path) {
    String folder = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    put(folder + "/FORMAT", "String", "csv");
    put(folder + "/PGPASSWORD", "SecureString", "hunter2");
    put(folder + "/deeper/FORMAT", "String", "other");
    put(folder + "ly/FORMAT", "String", "neighbour");

    assertThat(new Parameters(clients).below(path))
        .isEqualTo(Map.of("FORMAT", "csv", "PGPASSWORD", "hunter2"));
  }

  @Test
  void readsMoreThanOnePage() {
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 35; i++) {
      put("/pages/P" + i, "String", "v" + i);
      expected.put("P" + i, "v" + i);
    }

    assertThat(new Parameters(clients).below("/pages")).isEqualTo(expected);
  }

  @Test
  void nothingBelowAPathIsAMistake() {
    assertThatThrownBy(() -> new Parameters(clients).below("/no/such"))
        .hasMessageStartingWith("PARAMETER_MISSING: no parameter is directly below /no/such")
        .hasMessageContaining("CONFIG_PATH");
  }

  @Test
  void aRoleWithoutTheRightIsToldWhichOne() {
    put("/locked/FORMAT", "String", "csv");
    loginAs(
        "outsider",
        """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}
        """);

    assertThatThrownBy(() -> new Parameters(clients).below("/locked"))
        .hasMessageStartingWith("PARAMETER_ACCESS_DENIED: /locked is not accessible")
        .hasMessageContaining("ssm:GetParametersByPath");
    assertThatThrownBy(() -> new VersionedParameter("/locked/FORMAT", clients).read())
        .hasMessageStartingWith("PARAMETER_ACCESS_DENIED: /locked/FORMAT")
        .hasMessageContaining("ssm:GetParameter");
    assertThatThrownBy(
            () -> new VersionedParameter("/locked/FORMAT", clients).write("x", 1, value -> false))
        .hasMessageStartingWith("PARAMETER_ACCESS_DENIED: /locked/FORMAT")
        .hasMessageContaining("ssm:PutParameter");
  }

  @Test
  void theRightsOfTheTemplateAreEnough() {
    put("/granted/FORMAT", "String", "csv");
    loginAs(
        "function",
        """
        {"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"ssm:GetParametersByPath","Resource":"*"},
          {"Effect":"Allow","Action":["ssm:GetParameter","ssm:PutParameter"],"Resource":"*"}]}
        """);

    assertThat(new Parameters(clients).below("/granted")).containsEntry("FORMAT", "csv");
    VersionedParameter watermark = new VersionedParameter("/granted/watermark", clients);
    assertThat(watermark.write("w", 0, value -> false)).isEqualTo(1);
    assertThat(watermark.read()).isEqualTo(new Versioned("w", 1));
  }

  @Test
  void aWatermarkGoesFromVersionToVersion() {
    VersionedParameter watermark = new VersionedParameter("/mark/plain", clients);

    assertThat(watermark.read()).isNull();
    assertThat(watermark.write("one", 0, value -> false)).isEqualTo(1);
    assertThat(watermark.write("two", 1, value -> false)).isEqualTo(2);
    assertThat(watermark.read()).isEqualTo(new Versioned("two", 2));
  }

  @Test
  void twoWritersFindEachOtherOut() {
    VersionedParameter mine = new VersionedParameter("/mark/shared", clients);
    VersionedParameter theirs = new VersionedParameter("/mark/shared", clients);

    mine.write("mine", 0, value -> false);

    assertThatThrownBy(() -> theirs.write("theirs", 0, value -> false))
        .hasMessageStartingWith("PARAMETER_CONFLICT: /mark/shared");
    assertThat(mine.read()).isEqualTo(new Versioned("mine", 1));

    theirs.write("theirs", 1, value -> false);

    assertThatThrownBy(() -> mine.write("mine again", 1, value -> false))
        .hasMessageStartingWith("PARAMETER_CONFLICT: /mark/shared");
  }

  @Test
  void aNameThatIsNoneIsInvalid() {
    assertThatThrownBy(
            () -> new VersionedParameter("ssm-mine", clients).write("x", 0, value -> false))
        .hasMessageStartingWith("PARAMETER_INVALID: ssm-mine");
  }

  @Test
  void anEndpointThatIsNotThereIsAnErrorOfItsOwn() {
    settings.set("aws.endpointUrl", "http://127.0.0.1:1");

    assertThatThrownBy(() -> new Parameters(clients).below("/any"))
        .hasMessageStartingWith("PARAMETER_FAILED: /any could not be reached")
        .hasMessageContaining("interface endpoint");
  }
}

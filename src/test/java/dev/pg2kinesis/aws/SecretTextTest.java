package dev.pg2kinesis.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretTextTest {

  @Test
  void readsASecretThatRdsManages() {
    Login login = SecretText.parse("s", "{\"username\":\"cdc\",\"password\":\"p\\\"w\\u00e9\"}");

    assertThat(login).isEqualTo(new Login("cdc", "p\"wé", null, null, null));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "number   | \"port\":6432",
        "text     | \"port\":\"6432\"",
      })
  void readsASecretMadeWithRdsTemplate(String id, String port) {
    String text =
        "{\"username\":\"cdc\",\"password\":\"pw\",\"engine\":\"postgres\",\"host\":\"db.example\","
            + port
            + ",\"dbname\":\"shop\",\"dbInstanceIdentifier\":\"x\"}";

    assertThat(SecretText.parse("s", text))
        .isEqualTo(new Login("cdc", "pw", "db.example", 6432, "shop"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "hunter2                                                    | is not JSON",
        "{\"username\":\"cdc\",\"password\":hunter2}                | is not JSON",
        "``                                                         | is not a JSON object",
        "[\"hunter2\"]                                              | is not a JSON object",
        "{\"password\":\"hunter2\"}                                 | has no username",
        "{\"username\":\"cdc\"}                                     | has no password",
        "{\"username\":\"cdc\",\"password\":\"\"}                   | has no password",
        "{\"username\":\"cdc\",\"password\":null}                   | has no password",
        "{\"username\":\"cdc\",\"password\":{\"hunter2\":1}}        | has a password that is not a string",
        "{\"username\":\"c\",\"password\":\"hunter2\",\"port\":0}   | has a port that is not a number",
        "{\"username\":\"c\",\"password\":\"hunter2\",\"port\":\"hunter2\"} | has a port that is not a number",
        "{\"username\":\"c\",\"password\":\"hunter2\",\"port\":70000} | has a port that is not a number",
        "{\"username\":\"c\",\"password\":\"hunter2\",\"host\":17}  | has a host that is not a string",
      })
  void saysWhatIsWrongAndNotWhatIsInIt(String text, String what) {
    assertThatThrownBy(() -> SecretText.parse("orders/cdc", text))
        .isInstanceOf(AwsException.class)
        .hasMessageStartingWith("SECRET_INVALID: secret orders/cdc " + what)
        .hasNoCause()
        .hasMessageNotContaining("hunter2")
        .hasMessageContaining("expected {\"username\"");
  }

  @Test
  void aLoginDoesNotPrintItsPassword() {
    assertThat(new Login("cdc", "hunter2", "h", 1, "d").toString())
        .contains("cdc")
        .doesNotContain("hunter2");
  }
}

package dev.pg2kinesis.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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

  static Stream<Arguments> hostile() {
    String secret = "{\"username\":\"cdc\",\"password\":\"hunter2\"}";
    String more = secret.substring(0, secret.length() - 1) + ",";
    return Stream.of(
        Arguments.of("binary", "\0\u0001hunter2\ufffd", "is not JSON"),
        Arguments.of("deep", "{\"hunter2\":".repeat(5000), "is not JSON"),
        Arguments.of("deep beside the rest", more + "\"x\":" + "[".repeat(5000), "is not JSON"),
        Arguments.of("more after it", secret + " hunter2", "is not JSON"),
        Arguments.of("two of them", secret + secret, "is not JSON"),
        Arguments.of("a JSON string", "\"hunter2\"", "is not a JSON object"),
        Arguments.of("null", "null", "is not a JSON object"),
        Arguments.of("a list of them", "[" + secret + "]", "is not a JSON object"),
        Arguments.of(
            "a zero byte in the password",
            secret.replace("hunter2", "hunter2\\u0000"),
            "has a password that holds a zero character"),
        Arguments.of(
            "a zero byte in the username",
            secret.replace("cdc", "cdc\\u0000database\\u0000hunter2"),
            "has a username that holds a zero character"),
        Arguments.of(
            "a zero byte in the database",
            more + "\"dbname\":\"shop\\u0000hunter2\"}",
            "has a dbname that holds a zero character"),
        Arguments.of("a list of ports", more + "\"port\":[5432]}", "has a port that is not"),
        Arguments.of("a fraction of a port", more + "\"port\":5432.5}", "has a port that is not"),
        Arguments.of("a fraction in text", more + "\"port\":\"5432.5\"}", "has a port that is not"),
        Arguments.of("a port beyond all", more + "\"port\":4294972728}", "has a port that is not"),
        Arguments.of("the same in text", more + "\"port\":\"4294972728\"}", "has a port that is"),
        Arguments.of(
            "a number for a database", more + "\"dbname\":1}", "has a dbname that is not"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void hostile(String name, String text, String what) {
    saysWhatIsWrongAndNotWhatIsInIt(text, what);
  }

  @Test
  void takesEveryOtherCharacterAsItIs() {
    String odd = " \n\r\t\"'\\%s%%${PGHOST}$$--;\u202e\u0001é漢😀";
    String json =
        JsonNodeFactory.instance
            .objectNode()
            .put("username", odd)
            .put("password", odd)
            .put("dbname", odd)
            .put("masterarn", "arn")
            .toString();

    assertThat(SecretText.parse("s", json)).isEqualTo(new Login(odd, odd, null, null, odd));
  }

  @Test
  void aLoginDoesNotPrintItsPassword() {
    assertThat(new Login("cdc", "hunter2", "h", 1, "d").toString())
        .contains("cdc")
        .doesNotContain("hunter2");
  }
}

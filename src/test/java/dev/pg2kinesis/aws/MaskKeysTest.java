package dev.pg2kinesis.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskKeysTest {

  @Test
  void theWholeTextIsTheKey() {
    for (String text :
        new String[] {"0123456789abcdef".repeat(4), " ".repeat(32), "é".repeat(16)}) {
      assertThat(MaskKeys.parse("s", text)).isEqualTo(text.getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          hunter2                                      | is too short
          ""                                           | is too short
          0123456789abcdef0123456789abcde              | is too short
          {'key':'hunter2hunter2hunter2hunter2'}       | is a JSON object
          """)
  void whatIsNoKeyIsNotQuoted(String text, String problem) {
    assertThatThrownBy(() -> MaskKeys.parse("masks", text))
        .isInstanceOf(AwsException.class)
        .hasMessageStartingWith("SECRET_INVALID: secret masks " + problem)
        .hasMessageNotContaining("hunter2")
        .hasMessageContaining("text of 32 bytes or more");
  }
}

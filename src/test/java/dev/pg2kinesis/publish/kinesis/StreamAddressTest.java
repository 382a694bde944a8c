package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StreamAddressTest {

  @ParameterizedTest
  @CsvSource({
    "orders, false, orders",
    "arn:aws:kinesis:eu-central-1:123456789012:stream/orders, true, orders",
    "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a.b_c-d, true, a.b_c-d",
  })
  void isANameOrAnArn(String text, boolean arn, String name) {
    StreamAddress address = new StreamAddress(text);

    assertThat(address.isArn()).isEqualTo(arn);
    assertThat(address.name()).isEqualTo(name);
  }

  @Test
  void isNotNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> new StreamAddress(" "));
  }
}

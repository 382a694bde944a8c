package dev.pg2kinesis.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pg2kinesis.change.Lsn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StreamRecordTest {

  private static StreamRecord record(String key, int payloadBytes) {
    return new StreamRecord(key, new byte[payloadBytes], new Lsn(1), 0);
  }

  @ParameterizedTest
  @CsvSource({"n, 1", "né, 3", "ключ, 8", "€, 3", "😀, 4"})
  void itsSizeIsThePayloadAndTheKeyInUtf8(String key, int keyBytes) {
    assertThat(record(key, 1000).size()).isEqualTo(1000 + keyBytes);
  }

  @Test
  void aPartitionKeyHas1To256Characters() {
    assertThat(record("😀".repeat(256), 1).size()).isEqualTo(1025);

    assertThatIllegalArgumentException().isThrownBy(() -> record("k".repeat(257), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> record("", 1))
        .withMessage("expected a partition key of 1 to 256 characters, found 0");
  }
}

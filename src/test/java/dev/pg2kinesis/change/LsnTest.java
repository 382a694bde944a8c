package dev.pg2kinesis.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

  @ParameterizedTest
  @CsvSource({
    "0/0,               0",
    "0/19C3CB0,         19c3cb0",
    "16/B374D848,       16b374d848",
    "FFFFFFFF/FFFFFFFF, ffffffffffffffff",
    "80000000/0,        8000000000000000",
    "1/80000000,        180000000",
  })
  void readsAndPrintsWhatPostgresPrints(String text, String hexadecimal) {
    Lsn lsn = Lsn.parse(text);

    assertThat(lsn.value()).isEqualTo(Long.parseUnsignedLong(hexadecimal, 16));
    assertThat(lsn).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "0/",
        "/0",
        "0",
        "0/0/0",
        "123456789/0",
        "0/123456789",
        "g/0",
        "-1/0",
        "٣/0"
      })
  void refusesWhatIsNotAnLsn(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lsn.parse(text))
        .withMessageContaining("16/B374D848");
  }

  @Test
  void ordersAsUnsignedNumbers() {
    Lsn low = Lsn.parse("7FFFFFFF/FFFFFFFF");
    Lsn high = Lsn.parse("80000000/0");

    assertThat(low).isLessThan(high);
    assertThat(high.isAfter(low)).isTrue();
    assertThat(Lsn.max(low, high)).isEqualTo(high);
    assertThat(Lsn.min(low, high)).isEqualTo(low);
  }

  @Test
  void countsBytesBetweenPositions() {
    assertThat(Lsn.parse("1/0").bytesSince(Lsn.parse("0/FFFFFFF0"))).isEqualTo(16);
    assertThat(Lsn.parse("0/0").bytesSince(Lsn.parse("0/1"))).isZero();
  }

  @Test
  void doesNotWrapAroundTheEndOfTheWal() {
    assertThat(Lsn.parse("FFFFFFFF/FFFFFFF0").plus(1 << 20)).hasToString("FFFFFFFF/FFFFFFFF");
  }
}

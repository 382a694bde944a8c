package dev.pg2kinesis.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisibleTransactionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10:20:10,14           | 9          | true
          10:20:10,14           | 10         | false
          10:20:10,14           | 11         | true
          10:20:10,14           | 14         | false
          10:20:10,14           | 19         | true
          10:20:10,14           | 20         | false
          10:20:10,14           | 21         | false
          20:20:                | 19         | true
          20:20:                | 20         | false
          4294967290:4294967306:4294967295 | 4294967294 | true
          4294967290:4294967306:4294967295 | 4294967295 | false
          4294967290:4294967306:4294967295 | 3          | true
          4294967290:4294967306:4294967295 | 9          | true
          4294967290:4294967306:4294967295 | 10         | false
          8589934597:8589934600:8589934598 | 4294967290 | true
          8589934597:8589934600:8589934598 | 6          | false
          8589934597:8589934600:8589934598 | 7          | true
          8589934597:8589934600:8589934598 | 8          | false
          3000000000:3000000000:           | 0          | true
          3000000000:3000000000:           | 1          | true
          3000000000:3000000000:           | 2          | true
          3000000000:3000000000:           | 3          | false
          10:20:10,14           | 0          | true
          """)
  void comparesModulo32Bits(String snapshot, long xid, boolean included) {
    assertThat(VisibleTransactions.parse(snapshot).includes(xid)).isEqualTo(included);
  }

  @Test
  void refusesOtherText() {
    assertThatThrownBy(() -> VisibleTransactions.parse("10:20"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> VisibleTransactions.parse("a:b:c"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

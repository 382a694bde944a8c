package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryPolicyTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # failures in a row | longest pause (ms)
          1                   | 100
          2                   | 200
          6                   | 3200
          7                   | 5000
          1000                | 5000
          2147483647          | 5000
          """)
  void thePauseIsAnythingUpToASpanThatDoublesUpToTheCap(int failures, long millis) {
    RetryPolicy policy = new RetryPolicy(100, 5_000);
    Random random = new Random(1);
    long longest = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < 1_000; i++) {
      long nanos = policy.pauseNanos(failures, random);
      longest = Math.max(longest, nanos);
      shortest = Math.min(shortest, nanos);
    }
    long span = TimeUnit.MILLISECONDS.toNanos(millis);
    assertThat(longest).isBetween(span * 9 / 10, span);
    assertThat(shortest).isBetween(0L, span / 10);
  }
}

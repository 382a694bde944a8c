package dev.pg2kinesis.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChunkSizeTest {

  private static final long BYTES = 1 << 20;

  private final ChunkSize size = new ChunkSize(BYTES);

  private void read(long rows, long bytes, int millis) {
    size.read(rows, bytes, Duration.ofMillis(millis));
  }

  @Test
  void growsWhileReadingIsShort() {
    read(500, 5_000, 10);
    assertThat(size.rows()).isEqualTo(4_000);
    read(4_000, 40_000, 400);
    assertThat(size.rows()).isEqualTo(8_000);
  }

  @Test
  void staysAtAboutASecond() {
    read(500, 5_000, 1_000);
    assertThat(size.rows()).isEqualTo(500);
  }

  @Test
  void shrinksWhenReadingIsLong() {
    read(500, 5_000, 3_500);
    assertThat(size.rows()).isEqualTo(250);
  }

  @Test
  void asksForNoMoreRowsThanFit() {
    read(100, BYTES, 10);
    assertThat(size.rows()).isEqualTo(100);
    read(1, 5 * BYTES, 10);
    assertThat(size.rows()).as("a row at least").isEqualTo(1);
  }

  @Test
  void anEmptyTableSaysNothing() {
    read(0, 0, 1);
    assertThat(size.rows()).isEqualTo(500);
  }

  @Test
  void neverAsksForNothing() {
    for (int i = 0; i < 20; i++) {
      size.halve();
    }
    assertThat(size.rows()).isEqualTo(1);
  }
}

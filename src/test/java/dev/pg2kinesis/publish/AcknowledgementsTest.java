package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AcknowledgementsTest {

  @Test
  void countsWhatHasNothingMissingBeforeIt() {
    Acknowledgements acknowledgements = new Acknowledgements();
    assertThat(acknowledgements.prefix()).isZero();

    acknowledgements.add(1);
    assertThat(acknowledgements.prefix()).isZero();

    acknowledgements.add(0);
    assertThat(acknowledgements.prefix()).isEqualTo(2);
  }

  @Test
  void agreesWithAPlainSetInAnyOrder() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int count = 1 + random.nextInt(10_000);
      int disorder = 1 + random.nextInt(random.nextBoolean() ? 20_000 : 200);
      Acknowledgements acknowledgements = new Acknowledgements();
      BitSet plain = new BitSet();
      for (int index : shuffledWithin(count, disorder, random)) {
        acknowledgements.add(index);
        plain.set(index);
        assertThat(acknowledgements.prefix()).isEqualTo(plain.nextClearBit(0));
      }
      assertThat(acknowledgements.prefix()).isEqualTo(count);
    }
  }

  /** 0 to count - 1, shuffled inside pieces of a size. */
  private static List<Integer> shuffledWithin(int count, int size, Random random) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(i);
    }
    for (int from = 0; from < count; from += size) {
      Collections.shuffle(all.subList(from, Math.min(count, from + size)), random);
    }
    return all;
  }
}

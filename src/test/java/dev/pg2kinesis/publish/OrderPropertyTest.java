package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Invariant I2: whatever fails, nothing is lost and each key keeps its order. */
final class OrderPropertyTest {

  /** More with {@code -DargLine=-Dseeds=1000}. */
  private static final int SEEDS = Integer.getInteger("seeds", 40);

  @ParameterizedTest
  @EnumSource(Packing.class)
  void replayEndsWithAllVersionsOfEachKeyInOrder(Packing packing) {
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation simulation = new Simulation(seed, Ordering.REPLAY, packing, false);
      simulation.run();

      assertThat(simulation.order.unsettled(simulation.versions.sent()))
          .as("seed %d", seed)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void strictFirstDeliversEachKeyInOrder(Packing packing) {
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation simulation = new Simulation(seed, Ordering.STRICT, packing, false);
      simulation.run();

      assertThat(simulation.order.skips()).as("seed %d", seed).isZero();
      assertThat(simulation.order.unsettled(simulation.versions.sent()))
          .as("seed %d", seed)
          .isEmpty();
    }
  }

  /** A time-out whose request lands long after its repetition brings back old versions. */
  @ParameterizedTest
  @EnumSource(Packing.class)
  void lateDuplicatesAreAllThatALateLandingAdds(Packing packing) {
    for (long seed = 0; seed < SEEDS; seed++) {
      Simulation strict = new Simulation(seed, Ordering.STRICT, packing, true);
      strict.run();
      Simulation replay = new Simulation(seed, Ordering.REPLAY, packing, true);
      replay.run();

      assertThat(strict.order.skips()).as("seed %d", seed).isZero();
      assertThat(strict.order.unfinished(strict.versions.sent())).as("seed %d", seed).isEmpty();
      assertThat(replay.order.unfinished(replay.versions.sent())).as("seed %d", seed).isEmpty();
    }
  }
}

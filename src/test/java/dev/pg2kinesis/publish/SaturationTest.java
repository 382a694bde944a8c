package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How much of a stream's quota the queue uses while it drains a backlog, in virtual time. What a
 * machine makes of it is measured by {@code scripts/bench publish}.
 */
final class SaturationTest {

  /**
   * Of 64 shards, which take the longest, few; all with {@code -DargLine=-Dsaturation=all}. {@code
   * scripts/bench quota} prints all.
   */
  private static boolean isTried(int shards, int bytes, double stored) {
    return shards < 64
        || (bytes == 2048 && stored < 1)
        || "all".equals(System.getProperty("saturation"));
  }

  private static List<Arguments> loads() {
    List<Arguments> loads = new ArrayList<>();
    for (int shards : new int[] {1, 4, 16, 64}) {
      for (int bytes : new int[] {200, 560, 2048}) {
        for (Packing packing : Packing.values()) {
          for (Ordering ordering : Ordering.values()) {
            for (double stored : new double[] {0.25, 1}) {
              if (isTried(shards, bytes, stored)) {
                loads.add(Arguments.of(shards, bytes, packing, ordering, stored));
              }
            }
          }
        }
      }
    }
    return loads;
  }

  /** A throttled stream alarms its owner, so little may be refused. */
  @ParameterizedTest
  @MethodSource("loads")
  void aStreamIsUsedToItsQuotaAndRefusesLittle(
      int shards, int bytes, Packing packing, Ordering ordering, double stored) {
    QuotaRun.Result result =
        QuotaRun.of(new QuotaRun.Load(shards, bytes, packing, ordering, stored));

    assertThat(result.used()).isGreaterThan(0.95);
    assertThat(result.refused()).as("it is throttled").isGreaterThan(0).isLessThan(0.05);
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void manyLanesAndUnknownShardsUseTheQuotaAsWell(Packing packing) {
    QuotaRun.Load load = new QuotaRun.Load(4, 560, packing, Ordering.REPLAY, 0.25);

    for (QuotaRun.Load odd : List.of(load.withLanes(64), load.undescribed())) {
      QuotaRun.Result result = QuotaRun.of(odd);
      assertThat(result.used()).isGreaterThan(0.95);
      assertThat(result.refused()).isLessThan(0.05);
    }
  }

  /** At the least, what the others leave is used: of 8 seconds, 3 with a half or a tenth. */
  @ParameterizedTest
  @CsvSource({"NONE, 5", "NONE, 9", "LINES, 5", "LINES, 9", "KPL, 5", "KPL, 9"})
  void othersThatWriteToTheStreamAreGivenWay(Packing packing, int recordsPerTenMillis) {
    QuotaRun.Result result =
        QuotaRun.of(
            new QuotaRun.Load(4, 560, packing, Ordering.REPLAY, 0.25)
                .with(QuotaRun.World.withOthers(4, recordsPerTenMillis)));

    assertThat(result.used()).isGreaterThan(0.85);
    assertThat(result.refused()).isLessThan(0.06);
  }

  /**
   * Eight seconds' backlog, of which three are with 4 shards and the rest is with 8, or with 2:
   * about 5.5 or 13 seconds.
   */
  @ParameterizedTest
  @CsvSource({
    "NONE, true, 6.5",
    "LINES, true, 6.5",
    "KPL, true, 6.5",
    "NONE, false, 14",
    "LINES, false, 14",
    "KPL, false, 14"
  })
  void aReshardingIsFollowed(Packing packing, boolean split, double seconds) {
    QuotaRun.Result result =
        QuotaRun.of(
            new QuotaRun.Load(4, 560, packing, Ordering.REPLAY, 0.25)
                .with(QuotaRun.World.resharding(split)));

    assertThat(result.seconds()).isLessThan(seconds);
    assertThat(result.refused()).isLessThan(0.15);
  }

  /** Why {@code strict} is not the default: a key gets a record for each call, and all wait. */
  @ParameterizedTest
  @CsvSource({"0, 1.05", "0.01, 1.5", "0.1, 5", "1, 15"})
  void aHotKeyCostsLittleInReplayAndMuchInStrict(double share, double factor) {
    QuotaRun.Load load =
        new QuotaRun.Load(4, 560, Packing.NONE, Ordering.REPLAY, 0.25)
            .withChanges(16_000)
            .withHotShare(share);
    double replay = QuotaRun.of(load).seconds();
    double strict = QuotaRun.of(load.with(Ordering.STRICT)).seconds();

    assertThat(strict / replay).isBetween(factor * 0.8, factor * 1.2);
  }
}

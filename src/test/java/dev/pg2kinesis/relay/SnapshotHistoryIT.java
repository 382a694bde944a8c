package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.postgres.PostgresServer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Invariant I10 and the place of each row that is read, in random histories. */
class SnapshotHistoryIT {

  @TempDir Path directory;

  private static void print(
      String what, SnapshotHistory.Plan plan, SnapshotHistory.Findings found) {
    System.out.printf(
        "snapshot history: %s, seed %d, %s, %d reads, %d wrong, %d missing, %d unequal, %d runs"
            + " killed %s%n",
        what,
        plan.seed(),
        plan.plugin(),
        found.reads(),
        found.wrong(),
        found.missing(),
        found.unequal(),
        found.killed(),
        found.detail());
  }

  @ParameterizedTest
  @CsvSource({
    "11, test_decoding",
    "13, pgoutput",
    "15, pgoutput",
    "15, test_decoding",
    "18, pgoutput",
    "18, test_decoding"
  })
  void everyReadIsWhatTheTableHeldAndNoneIsMissing(int major, String plugin) throws Exception {
    SnapshotHistory.Plan plan = new SnapshotHistory.Plan(new Random().nextLong(), plugin, 300, 60);
    SnapshotHistory.Findings found =
        SnapshotHistory.run(PostgresServer.shared(major), plan, directory);
    print("PostgreSQL " + major, plan, found);
    assertThat(found.detail()).isEmpty();
    assertThat(found.isClean()).isTrue();
    assertThat(found.reads()).isPositive(); // how many, the writers' speed decides
  }
}

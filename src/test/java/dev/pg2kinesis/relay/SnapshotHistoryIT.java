package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invariant I10 and the place of each row that is read, in random histories. */
class SnapshotHistoryIT {

  @TempDir Path directory;

  /** Its settings are changed, and it flushes asynchronous commits late. */
  private static PostgresServer broken;

  @BeforeAll
  static void start() {
    broken = PostgresServer.start(15, Map.of("wal_writer_delay", "1s"));
  }

  @AfterAll
  static void stop() {
    if (broken != null) {
      broken.close();
    }
  }

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
    check("PostgreSQL " + major, PostgresServer.shared(major), plugin);
  }

  /** Short histories on the versions and plugins that are left. */
  @ParameterizedTest
  @CsvSource({
    "11, pgoutput",
    "12, pgoutput",
    "12, test_decoding",
    "13, test_decoding",
    "14, pgoutput",
    "14, test_decoding",
    "16, pgoutput",
    "16, test_decoding",
    "17, pgoutput",
    "17, test_decoding"
  })
  void noVersionIsAnException(int major, String plugin) throws Exception {
    check("PostgreSQL " + major, PostgresServer.shared(major), plugin, 100, 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pgoutput", "test_decoding"})
  void commitsThatWaitForAStandbyChangeNothing(String plugin) throws Exception {
    try (HeldCommits commits = new HeldCommits(broken, 1)) {
      check("commits held", broken, plugin);
      assertThat(commits.held()).isPositive();
    }
  }

  @Test
  void wal2jsonIsNoException() throws Exception {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      check("wal2json", server, "wal2json");
    }
  }

  /**
   * A history finds out each rule that is left out. The last column is how many histories it may
   * take.
   */
  @ParameterizedTest
  @CsvSource({
    "WITHOUT_I10, 20",
    "WITHOUT_FLUSH_WAIT, 20",
    "DROPPED_ROWS, 3",
    "EARLIER_EPOCH, 3",
    "LATER_EPOCH, 3",
    "CURSOR_FIRST, 3"
  })
  void aRuleThatIsLeftOutIsFoundOut(SnapshotMutant mutant, int histories) throws Exception {
    try (HeldCommits commits = new HeldCommits(broken, 1)) {
      for (int i = 1; i <= histories; i++) {
        SnapshotHistory.Plan plan =
            new SnapshotHistory.Plan(
                new Random().nextLong(),
                "pgoutput",
                200,
                30,
                800,
                mutant == SnapshotMutant.WITHOUT_FLUSH_WAIT,
                SnapshotHistory.Plan.SHORT_PAUSE,
                mutant);
        SnapshotHistory.Findings found = SnapshotHistory.run(broken, plan, directory);
        if (!found.isClean()) {
          print(mutant + ", history " + i, plan, found);
          return;
        }
      }
    }
    throw new AssertionError(mutant + " was not found out");
  }

  private void check(String what, PostgresServer server, String plugin) throws Exception {
    check(what, server, plugin, 300, 60);
  }

  private void check(String what, PostgresServer server, String plugin, int rows, int steps)
      throws Exception {
    SnapshotHistory.Plan plan =
        new SnapshotHistory.Plan(
            Long.getLong("snapshot.seed", new Random().nextLong()),
            plugin,
            Integer.getInteger("snapshot.rows", rows),
            Integer.getInteger("snapshot.steps", steps),
            Integer.getInteger("snapshot.reads", 3 * rows),
            false,
            SnapshotHistory.Plan.SHORT_PAUSE,
            SnapshotMutant.NONE);
    SnapshotHistory.Findings found = SnapshotHistory.run(server, plan, directory);
    print(what, plan, found);
    assertThat(found.detail()).isEmpty();
    assertThat(found.isClean()).isTrue();
    assertThat(found.reads()).isPositive(); // how many, the writers' speed decides
  }
}

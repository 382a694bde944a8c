package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    try (PostgresServer server = PostgresServer.start(15, Map.of());
        AutoCloseable holding = SnapshotHistory.holdingCommits(server)) {
      check("commits held", server, plugin);
    }
  }

  @Test
  void wal2jsonIsNoException() throws Exception {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      check("wal2json", server, "wal2json");
    }
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
            Integer.getInteger("snapshot.steps", steps));
    SnapshotHistory.Findings found = SnapshotHistory.run(server, plan, directory);
    print(what, plan, found);
    assertThat(found.detail()).isEmpty();
    assertThat(found.isClean()).isTrue();
    assertThat(found.reads()).isPositive(); // how many, the writers' speed decides
  }
}

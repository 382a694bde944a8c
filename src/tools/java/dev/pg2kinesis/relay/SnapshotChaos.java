package dev.pg2kinesis.relay;

import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code scripts/chaos snapshot}: histories of tables that are loaded while they are written, one
 * after the other, over plugins and major versions, until so many rows were read or one is wrong.
 */
public final class SnapshotChaos {

  private static final int ROWS = 300;
  private static final int STEPS = 60;

  private final Map<String, String> options = new HashMap<>();
  private final Map<Integer, PostgresServer> servers = new HashMap<>();
  private long histories;
  private long reads;
  private long killed;

  private SnapshotChaos(String[] arguments) {
    for (int i = 0; i < arguments.length; i += 2) {
      if (!List.of("--reads", "--seed", "--plugin", "--postgres").contains(arguments[i])
          || i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " is no option, or needs a value");
      }
      options.put(arguments[i], arguments[i + 1]);
    }
  }

  /** Exit status 1: a read was wrong or missing; 2: wrong options; 3: it could not go on. */
  public static void main(String[] arguments) throws Exception {
    SnapshotChaos chaos;
    try {
      chaos = new SnapshotChaos(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("chaos snapshot: " + e.getMessage() + "; see scripts/chaos --help");
      System.exit(2);
      return;
    }
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> {
          e.printStackTrace();
          System.exit(3);
        });
    System.exit(chaos.run() ? 0 : 1);
  }

  private record Combination(int major, String plugin) {}

  private List<Combination> combinations() {
    List<Combination> all = new ArrayList<>();
    for (String plugin : List.of("pgoutput", "test_decoding", "wal2json")) {
      for (int major = 11; major <= 18; major++) {
        boolean possible =
            !plugin.equals("wal2json") || (major == Wal2Json.MAJOR && Wal2Json.isInstalled());
        if (possible
            && options.getOrDefault("--plugin", plugin).equals(plugin)
            && options.getOrDefault("--postgres", "" + major).equals("" + major)) {
          all.add(new Combination(major, plugin));
        }
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no server has this plugin");
    }
    return all;
  }

  private PostgresServer server(int major) {
    return servers.computeIfAbsent(
        major,
        m ->
            PostgresServer.start(
                m, m == Wal2Json.MAJOR && Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of()));
  }

  private boolean run() throws Exception {
    long wanted = Long.parseLong(options.getOrDefault("--reads", "10000"));
    long seed = Long.parseLong(options.getOrDefault("--seed", "" + System.nanoTime()));
    boolean terminal = Boolean.getBoolean("chaos.terminal");
    List<Combination> combinations = combinations();
    Path directory = Files.createTempDirectory("chaos");
    try {
      for (; reads < wanted; seed++) {
        Combination next = combinations.get((int) Math.floorMod(seed, (long) combinations.size()));
        SnapshotHistory.Findings found =
            SnapshotHistory.run(
                server(next.major()),
                new SnapshotHistory.Plan(seed, next.plugin(), ROWS, STEPS),
                directory);
        histories++;
        reads += found.reads();
        killed += found.killed();
        if (!found.isClean() || !found.detail().isEmpty()) {
          System.out.println("\nVIOLATION: " + found);
          System.out.printf(
              "again: scripts/chaos snapshot --reads 1 --seed %d --plugin %s --postgres %d%n",
              seed, next.plugin(), next.major());
          return false;
        }
        if (terminal) {
          System.out.print("\r" + line());
        } else if (histories % 20 == 0) {
          System.out.println(line());
        }
      }
      System.out.println((terminal ? "\r" : "") + line());
      return true;
    } finally {
      servers.values().forEach(PostgresServer::close);
      Files.delete(directory);
    }
  }

  private String line() {
    return String.format(
        Locale.ROOT,
        "%,d histories, %,d reads, 0 wrong, 0 missing, %,d runs killed",
        histories,
        reads,
        killed);
  }
}

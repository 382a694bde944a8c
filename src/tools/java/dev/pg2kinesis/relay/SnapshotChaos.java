package dev.pg2kinesis.relay;

import dev.pg2kinesis.chaos.Totals;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * {@code scripts/chaos snapshot}: histories of tables that are loaded while they are written, over
 * plugins and major versions, until so many rows were read or one is wrong.
 */
public final class SnapshotChaos {

  private static final List<String> OPTIONS =
      List.of(
          "--reads",
          "--seed",
          "--plugin",
          "--postgres",
          "--rows",
          "--pause",
          "--parallel",
          "--totals",
          "--mutant");

  private static final int STEPS = 60;

  private final Map<String, String> options = new HashMap<>();
  private final long wanted;
  private final int pauseMillis;
  private final int rows;
  private final SnapshotMutant mutant;
  private final @Nullable Path totalsFile;
  private final Totals totals;
  private final long readsBefore;
  private volatile boolean violated;

  private SnapshotChaos(String[] arguments) throws IOException {
    for (int i = 0; i < arguments.length; i += 2) {
      if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " is no option, or needs a value");
      }
      options.put(arguments[i], arguments[i + 1]);
    }
    wanted = Long.parseLong(options.getOrDefault("--reads", "10000"));
    rows = Integer.parseInt(options.getOrDefault("--rows", "1500"));
    pauseMillis = Integer.parseInt(options.getOrDefault("--pause", "20"));
    mutant = SnapshotMutant.valueOf(options.getOrDefault("--mutant", "NONE"));
    String file = options.get("--totals");
    totalsFile = file == null ? null : Path.of(file);
    totals = totalsFile == null ? new Totals() : Totals.in(totalsFile);
    readsBefore = totals.count("reads");
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

  /** What one lane works on: servers of its own, since a history changes their settings. */
  private List<Combination> combinations(int lane, int lanes) {
    List<Combination> all = new ArrayList<>();
    for (int major = 11 + lane; major <= 18; major += lanes) {
      for (String plugin : List.of("pgoutput", "test_decoding", "wal2json")) {
        boolean possible =
            !plugin.equals("wal2json") || (major == Wal2Json.MAJOR && Wal2Json.isInstalled());
        if (possible
            && options.getOrDefault("--plugin", plugin).equals(plugin)
            && options.getOrDefault("--postgres", "" + major).equals("" + major)) {
          all.add(new Combination(major, plugin));
        }
      }
    }
    return all;
  }

  private boolean run() throws Exception {
    long seed = Long.parseLong(options.getOrDefault("--seed", "" + System.nanoTime()));
    int lanes = Integer.parseInt(options.getOrDefault("--parallel", "1"));
    ExecutorService threads = Executors.newFixedThreadPool(lanes);
    Path directory = Files.createTempDirectory("chaos");
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        List<Combination> combinations = combinations(lane, lanes);
        if (!combinations.isEmpty()) {
          long first = seed + lane;
          running.add(
              threads.submit(
                  () -> {
                    histories(combinations, first, lanes, directory);
                    return null;
                  }));
        }
      }
      if (running.isEmpty()) {
        throw new IllegalArgumentException("no server has this plugin");
      }
      for (Future<?> lane : running) {
        lane.get();
      }
    } finally {
      threads.shutdownNow();
      Files.delete(directory);
    }
    if (!violated) {
      System.out.println(
          (Boolean.getBoolean("chaos.terminal") ? "\r" : "") + line() + "\n\n" + totals.table());
    }
    return !violated;
  }

  private void histories(List<Combination> combinations, long first, int step, Path directory)
      throws Exception {
    Map<Integer, PostgresServer> servers = new HashMap<>();
    try {
      int next = 0;
      for (long seed = first; isUnfinished(); seed += step) {
        Combination combination = combinations.get(next++ % combinations.size());
        PostgresServer server =
            servers.computeIfAbsent(combination.major(), SnapshotChaos::startServer);
        history(server, combination, seed, directory);
      }
    } finally {
      servers.values().forEach(PostgresServer::close);
    }
  }

  private static PostgresServer startServer(int major) {
    return PostgresServer.start(
        major, major == Wal2Json.MAJOR && Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of());
  }

  private synchronized boolean isUnfinished() {
    return !violated && totals.count("reads") - readsBefore < wanted;
  }

  /**
   * In every third history all commits are asynchronous and flushed late. In most others commits
   * are held.
   */
  private void history(PostgresServer server, Combination combination, long seed, Path directory)
      throws Exception {
    Random dice = new Random(~seed);
    boolean asynchronous = dice.nextInt(3) == 0;
    boolean holds = !asynchronous && dice.nextInt(4) > 0;
    int size = rows / 3 + dice.nextInt(rows);
    SnapshotHistory.Plan plan =
        new SnapshotHistory.Plan(
            seed,
            combination.plugin(),
            size,
            STEPS,
            size * 4,
            asynchronous,
            Duration.ofMillis(pauseMillis),
            mutant);
    server.set("wal_writer_delay", asynchronous ? "1000" : "10");
    SnapshotHistory.Findings found;
    long held = 0;
    if (holds) {
      try (HeldCommits commits = new HeldCommits(server, seed)) {
        found = SnapshotHistory.run(server, plan, directory);
        held = commits.held();
      }
    } else {
      found = SnapshotHistory.run(server, plan, directory);
    }
    add(combination, found, held, asynchronous);
    if (!found.isClean() || !found.detail().isEmpty()) {
      violated = true;
      System.out.println("\nVIOLATION: " + found);
      System.out.printf(
          "again: scripts/chaos snapshot --reads 1 --seed %d --rows %d --pause %d --plugin %s --postgres %d"
              + " --mutant %s%n",
          seed, rows, pauseMillis, combination.plugin(), combination.major(), mutant);
    }
  }

  private synchronized void add(
      Combination combination, SnapshotHistory.Findings found, long held, boolean asynchronous)
      throws IOException {
    totals.add("histories", 1);
    totals.add("histories: commits held in them", held > 0 ? 1 : 0);
    totals.add("histories: all commits asynchronous", asynchronous ? 1 : 0);
    totals.add("written: commits that waited for a standby", held);
    totals.add("reads with " + combination.plugin(), found.reads());
    totals.add("reads with PostgreSQL " + combination.major(), found.reads());
    totals.add("runs: killed", found.killed());
    totals.add("wrong", found.wrong());
    totals.add("missing", found.missing());
    totals.add("unequal or out of order", found.unequal());
    found.counts().forEach(totals::add);
    Path file = totalsFile;
    if (file != null) {
      totals.write(file);
    }
    if (Boolean.getBoolean("chaos.terminal")) {
      System.out.print("\r" + line());
    } else if (totals.count("histories") % 10 == 0) {
      System.out.println(line());
    }
  }

  private synchronized String line() {
    return String.format(
        Locale.ROOT,
        "%,d histories, %,d reads, %d wrong, %d missing, %d unequal or out of order, %,d runs"
            + " killed",
        totals.count("histories"),
        totals.count("reads"),
        totals.count("wrong"),
        totals.count("missing"),
        totals.count("unequal or out of order"),
        totals.count("runs: killed"));
  }
}

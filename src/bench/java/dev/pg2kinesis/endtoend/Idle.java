package dev.pg2kinesis.endtoend;

import dev.pg2kinesis.lambda.LambdaRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a function without work takes, and how much memory one with a small heap comes to. */
final class Idle {

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String POLL = "{\"action\":\"poll\"}";
  private static final int WARM_UPS = 20;
  private static final int RUNS = 60;
  private static final int DRAINS = 3;

  private final Place place;
  private final List<FunctionRun.Setting> settings;

  Idle(Place place, List<FunctionRun.Setting> settings) {
    this.place = place;
    this.settings = settings;
  }

  void print() throws Exception {
    System.out.println(
        "| records | compiler | TLS | idle run, ms, best | median | CPU ms, mean | RSS, MB, idle |"
            + " after a drain | after %d |".formatted(DRAINS));
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (FunctionRun.Setting setting : settings) {
      measure(setting);
    }
  }

  private void measure(FunctionRun.Setting setting) throws Exception {
    try (CpuShare share = CpuShare.create()) {
      place.backlog().copy(setting.plugin(), setting.changes(), FunctionRun.SLOT);
      skipToEnd();
      LambdaRuntime function = FunctionRun.start(place, setting, share, options());
      try {
        List<Double> millis = new ArrayList<>();
        double cpuBefore = 0;
        for (int i = 0; i < WARM_UPS + RUNS; i++) {
          if (i == WARM_UPS) {
            cpuBefore = Usage.of(function.pid()).cpuSeconds();
          }
          long began = System.nanoTime();
          invoke(function);
          if (i >= WARM_UPS) {
            millis.add((System.nanoTime() - began) / 1e6);
          }
        }
        double cpuMillis = (Usage.of(function.pid()).cpuSeconds() - cpuBefore) / RUNS * 1e3;
        int idle = Usage.of(function.pid()).peakMegabytes();
        place.backlog().drop(FunctionRun.SLOT);
        List<Integer> peaks = new ArrayList<>();
        for (int i = 0; i < DRAINS; i++) {
          place.backlog().copy(setting.plugin(), setting.changes(), FunctionRun.SLOT);
          invoke(function);
          peaks.add(Usage.of(function.pid()).peakMegabytes());
          place.backlog().drop(FunctionRun.SLOT);
        }
        millis.sort(null);
        System.out.printf(
            Locale.ROOT,
            "| %s, %s | %s | %s | %.1f | %.1f | %.1f | %d | %d | %d |%n",
            setting.format(),
            setting.packing(),
            setting.compiler().title(),
            setting.tls() ? "yes" : "no",
            millis.get(0),
            millis.get(RUNS / 2),
            cpuMillis,
            idle,
            peaks.get(0),
            peaks.get(DRAINS - 1));
        nativeMemory(setting, function.pid());
      } finally {
        FunctionRun.end(function);
      }
    }
  }

  /** A heap as small as that of the smallest function; the later of two options counts. */
  private static List<String> options() {
    List<String> options = new ArrayList<>(List.of("-Xmx128m"));
    if (System.getenv("NMT") != null) {
      options.add("-XX:NativeMemoryTracking=summary");
    }
    return options;
  }

  private void skipToEnd() {
    place
        .backlog()
        .server()
        .query(
            place.backlog().database(),
            "SELECT pg_replication_slot_advance('" + FunctionRun.SLOT + "', pg_current_wal_lsn())");
  }

  private static void invoke(LambdaRuntime function) throws InterruptedException {
    LambdaRuntime.Answer answer = function.invoke(POLL, LIMIT);
    if (!answer.ok() || !answer.body().contains("\"CAUGHT_UP\"")) {
      throw new IllegalStateException("not caught up: " + answer.body());
    }
  }

  /** Where the memory is, on standard error, if {@code NMT} is set. */
  private static void nativeMemory(FunctionRun.Setting setting, long pid) throws Exception {
    if (System.getenv("NMT") != null) {
      new ProcessBuilder(
              setting.java().resolve("bin/jcmd").toString(),
              Long.toString(pid),
              "VM.native_memory",
              "summary",
              "scale=MB")
          .redirectOutput(ProcessBuilder.Redirect.to(new java.io.File("/dev/stderr")))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start()
          .waitFor();
    }
  }
}

package dev.pg2kinesis.endtoend;

import dev.pg2kinesis.lambda.LambdaRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The deployable under the runtime interface client, started anew and invoked three times. */
final class FunctionRun implements Candidate {

  static final String SLOT = "bench";
  private static final int INVOCATIONS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final Place place;
  private final Setting setting;

  FunctionRun(Place place, Setting setting) {
    this.place = place;
    this.setting = setting;
  }

  /**
   * How a function is set up.
   *
   * @param java home of the JDK
   * @param jar the deployable
   * @param compiler which compiler options the JVM has
   * @param options further ones of the JVM
   * @param memoryMegabytes of the function; three quarters of it are heap
   * @param limited whether it has the share of a processor that Lambda gives it
   */
  record Setting(
      Path java,
      Path jar,
      String plugin,
      String format,
      String packing,
      Compiler compiler,
      List<String> options,
      int memoryMegabytes,
      boolean limited,
      boolean tls,
      long changes) {

    double share() {
      return Math.min(2, memoryMegabytes / CpuShare.MEGABYTES_PER_CPU);
    }

    Row row(String run) {
      return new Row(
          jar.getFileName().toString().replace("-lambda.jar", "").replace(".jar", ""),
          plugin,
          format + ", " + packing,
          String.format(
              Locale.ROOT,
              "%s, %,d MB, %s",
              compiler.title(),
              memoryMegabytes,
              limited ? String.format(Locale.ROOT, "%.2f vCPU", share()) : "2 vCPU"),
          memoryMegabytes,
          tls,
          changes,
          run);
    }

    private List<String> command(List<String> prefix, List<String> more) throws IOException {
      List<String> command = new ArrayList<>(prefix);
      command.add(java.resolve("bin/java").toString());
      command.addAll(compiler.options());
      command.addAll(List.of("-XX:+UseSerialGC", "-Xmx" + memoryMegabytes * 3 / 4 + "m"));
      command.addAll(options);
      command.addAll(more);
      return command;
    }
  }

  /** Starts the process, as if it was alone on the machine until it asks for its first event. */
  static LambdaRuntime start(Place place, Setting setting, CpuShare share, List<String> options)
      throws IOException, InterruptedException {
    List<String> more = new ArrayList<>(options);
    if (setting.tls()) {
      more.addAll(place.trustOptions());
    }
    return LambdaRuntime.start(
        setting.command(share.prefix(), more), setting.jar(), environment(place, setting));
  }

  private static Map<String, String> environment(Place place, Setting setting) {
    Backlog backlog = place.backlog();
    Map<String, String> environment = new HashMap<>();
    environment.put("PGHOST", backlog.server().host());
    environment.put("PGPORT", Integer.toString(backlog.server().port()));
    environment.put("PGDATABASE", backlog.database());
    environment.put("PGUSER", "postgres");
    environment.put("PGPASSWORD", "postgres");
    environment.put("PGSSLMODE", setting.tls() ? "verify-full" : "disable");
    if (setting.tls()) {
      environment.put("PGSSLROOTCERT", backlog.authority().toString());
    }
    if (setting.plugin().equals("pgoutput")) {
      environment.put("PUBLICATION_NAMES", Backlog.PUBLICATION);
    }
    environment.put("SLOT_NAME", SLOT);
    environment.put("STREAM_NAME", Endpoint.STREAM);
    environment.put("FORMAT", setting.format());
    environment.put("PACKING", setting.packing());
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "test");
    environment.put("AWS_SECRET_ACCESS_KEY", "test");
    environment.put("AWS_ENDPOINT_URL_KINESIS", place.endpoint().url(setting.tls()));
    return environment;
  }

  @Override
  public Map<Row, Sample> run() throws Exception {
    Map<Row, Sample> samples = new LinkedHashMap<>();
    try (CpuShare share = CpuShare.create()) {
      place.backlog().copy(setting.plugin(), setting.changes(), SLOT);
      Place.Meter meter = place.meter();
      LambdaRuntime function = start(place, setting, share, List.of());
      try {
        function.init();
        if (setting.limited()) {
          share.limit(setting.share());
        }
        double before = 0;
        for (int i = 1; i <= INVOCATIONS; i++) {
          if (i > 1) {
            place.backlog().copy(setting.plugin(), setting.changes(), SLOT);
            before = Usage.of(function.pid()).cpuSeconds();
            meter = place.meter();
          }
          invoke(function);
          Usage usage = Usage.of(function.pid());
          Sample sample = meter.end(usage.cpuSeconds() - before, usage.peakMegabytes());
          if (i == 1) {
            samples.put(setting.row(Row.COLD), sample);
          } else if (i == INVOCATIONS) {
            samples.put(setting.row(Row.WARM), sample);
          }
          place.backlog().drop(SLOT);
        }
      } finally {
        end(function);
      }
    }
    return samples;
  }

  /** Kills the process and waits for its end. */
  static void end(LambdaRuntime function) throws IOException {
    long pid = function.pid();
    function.close();
    ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
  }

  private void invoke(LambdaRuntime function) throws InterruptedException {
    LambdaRuntime.Answer answer = function.invoke("{\"action\":\"poll\"}", LIMIT);
    if (!answer.ok()
        || !answer.body().contains("\"CAUGHT_UP\"")
        || !answer.body().contains("\"changes\":" + setting.changes() + ",")) {
      throw new IllegalStateException("not drained: " + answer.body());
    }
  }
}

package dev.pg2kinesis.endtoend;

import dev.pg2kinesis.postgres.Authority;
import dev.pg2kinesis.postgres.Wal2Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * From the slot to acknowledged records as in production: the deployable in a process of its own,
 * TLS on both sides, Lambda's compiler and its share of a processor; and beside it, in the same run
 * and over the same WAL, what others need. Prints Markdown tables. The arguments are those of
 * {@link Selection}; {@code scripts/bench} has their defaults.
 */
final class EndToEnd implements AutoCloseable {

  private final Selection selection;
  private final Path java;
  private final Path directory;
  private final Place place;

  private EndToEnd(Selection selection) throws IOException {
    this.selection = selection;
    String home = selection.text("JAVA");
    this.java = Path.of(home.isEmpty() ? System.getProperty("java.home") : home);
    this.directory = Files.createTempDirectory("bench");
    Authority authority = Authority.in(directory, "bench");
    Authority.Issued issued = authority.issue("localhost");
    progress("writing the backlog");
    Backlog backlog =
        new Backlog(
            authority,
            issued,
            Stream.concat(Stream.of("pgoutput"), plugins().stream()).distinct().toList(),
            selection.longs("CHANGES"));
    this.place = new Place(backlog, Endpoint.start(issued), authority.trustOptions());
  }

  public static void main(String[] arguments) throws Exception {
    Selection selection = new Selection(arguments);
    try (EndToEnd benchmark = new EndToEnd(selection)) {
      if (selection.text("WHAT").equals("idle")) {
        print("%s%n", benchmark.conditions());
        new Idle(benchmark.place, benchmark.functions()).print();
      } else {
        benchmark.measure();
      }
    }
  }

  @Override
  public void close() throws IOException {
    place.endpoint().close();
    place.backlog().close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private void measure() throws Exception {
    print("%s%n", conditions());
    List<Candidate> candidates = new ArrayList<>(yardsticks());
    functions().forEach(setting -> candidates.add(new FunctionRun(place, setting)));
    progress("warming the endpoint up");
    candidates.get(candidates.size() - 1).run();
    Map<Row, List<Sample>> samples = new LinkedHashMap<>();
    int rounds = selection.numbers("ROUNDS").get(0);
    for (int round = 1; round <= rounds; round++) {
      for (int i = 0; i < candidates.size(); i++) {
        for (Map.Entry<Row, Sample> entry : candidates.get(i).run().entrySet()) {
          samples.computeIfAbsent(entry.getKey(), row -> new ArrayList<>()).add(entry.getValue());
          progress(
              "round %d of %d, candidate %d of %d: %s, %s",
              round,
              rounds,
              i + 1,
              candidates.size(),
              entry.getKey(),
              Report.text(entry.getValue()));
        }
      }
    }
    Report report = new Report(samples);
    report.printFigures();
    System.out.println();
    report.printCosts();
    print("%nThe machine's load at the end: %s.", load());
  }

  private String conditions() throws IOException, InterruptedException {
    boolean limited = functions().stream().anyMatch(FunctionRun.Setting::limited);
    return String.format(
        Locale.ROOT,
        "%s; PostgreSQL %s; %d processors; load %s; medians of %s.%s%s%s",
        version(),
        place.backlog().server().query("postgres", "SHOW server_version"),
        Runtime.getRuntime().availableProcessors(),
        load(),
        selection.text("ROUNDS"),
        limited && !CpuShare.possible()
            ? " This machine does not let the processor be limited: the functions had all of it."
            : "",
        Yardsticks.receiver().isEmpty() ? " There is no `pg_recvlogical` here." : "",
        Yardsticks.haveDebezium() ? "" : " Debezium was not compiled in.");
  }

  private String version() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(java.resolve("bin/java").toString(), "-version")
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    process.waitFor();
    return lines.get(Math.min(1, lines.size() - 1));
  }

  private static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  /** Those to measure that this machine has. */
  private List<String> plugins() {
    List<String> plugins = new ArrayList<>(selection.list("PLUGINS"));
    if (!Wal2Json.isInstalled() && plugins.remove("wal2json")) {
      progress(Wal2Json.missing());
    }
    return plugins;
  }

  private List<FunctionRun.Setting> functions() {
    List<FunctionRun.Setting> settings = new ArrayList<>();
    for (long changes : selection.longs("CHANGES")) {
      for (boolean tls : selection.flags("TLS", "on", "off")) {
        for (String plugin : plugins()) {
          for (String format : selection.list("FORMATS")) {
            for (String packing : selection.list("PACKINGS")) {
              settings.addAll(functions(changes, tls, plugin, format, packing));
            }
          }
        }
      }
    }
    return settings;
  }

  private List<FunctionRun.Setting> functions(
      long changes, boolean tls, String plugin, String format, String packing) {
    List<FunctionRun.Setting> settings = new ArrayList<>();
    for (int memory : selection.numbers("MEMORY")) {
      for (boolean limited : selection.flags("CORES", "share", "all")) {
        for (Selection.Build build : selection.builds()) {
          settings.add(
              new FunctionRun.Setting(
                  java,
                  build.jar(),
                  plugin,
                  format,
                  packing,
                  build.compiler(),
                  Arrays.stream(selection.text("OPTIONS").split(" ", -1))
                      .filter(option -> !option.isEmpty())
                      .toList(),
                  memory,
                  limited,
                  tls,
                  changes));
        }
      }
    }
    return settings;
  }

  private List<Candidate> yardsticks() {
    Yardsticks yardsticks = new Yardsticks(place);
    List<String> wanted = selection.list("YARDSTICKS");
    Optional<Path> receiver = Yardsticks.receiver();
    List<Candidate> candidates = new ArrayList<>();
    for (long changes : selection.longs("CHANGES")) {
      for (String plugin : plugins()) {
        if (wanted.contains("count")) {
          candidates.add(yardsticks.count(plugin, changes));
        }
        if (wanted.contains("copy")) {
          candidates.add(yardsticks.receive(plugin, changes));
        }
      }
      for (boolean tls : selection.flags("TLS", "on", "off")) {
        if (wanted.contains("recvlogical") && receiver.isPresent()) {
          for (String plugin : plugins()) {
            candidates.add(yardsticks.receiver(receiver.get(), plugin, tls, changes));
          }
        }
        if (wanted.contains("debezium") && Yardsticks.haveDebezium()) {
          candidates.add(yardsticks.debezium(java, "", tls, changes));
          candidates.add(yardsticks.debezium(java, "-Xmx400m", tls, changes));
        }
      }
    }
    return candidates;
  }

  @SuppressWarnings("AnnotateFormatMethod") // Its callers pass formats; the locale is what it adds.
  private static void print(String format, Object... arguments) {
    System.out.println(String.format(Locale.ROOT, format, arguments));
  }

  @SuppressWarnings("AnnotateFormatMethod") // As above.
  static void progress(String format, Object... arguments) {
    System.err.println(String.format(Locale.ROOT, format, arguments));
  }
}

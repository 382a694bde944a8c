package dev.pg2kinesis.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What others need for the same changes. */
final class Yardsticks {

  private static final String SLOT = "bench";
  private static final String DEBEZIUM_CLASS = "dev.pg2kinesis.format.DebeziumToKinesis";
  private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s");

  private final Place place;

  Yardsticks(Place place) {
    this.place = place;
  }

  /** The server's own work, without a row leaving it. */
  Candidate count(String plugin, long changes) {
    return () -> {
      Place.Meter meter = place.meter();
      place.backlog().count(plugin, changes);
      return Map.of(
          new Row(Row.COUNT, plugin, "", "", 0, false, changes, ""),
          meter.end(Sample.UNKNOWN, Sample.UNKNOWN));
    };
  }

  /** That, and the way to a client that drops what comes. */
  Candidate receive(String plugin, long changes) {
    return () -> {
      Place.Meter meter = place.meter();
      place.backlog().receive(plugin, changes);
      return Map.of(
          new Row("`COPY` of the peek, dropped", plugin, "", "", 0, false, changes, ""),
          meter.end(Sample.UNKNOWN, Sample.UNKNOWN));
    };
  }

  /** Where this machine has PostgreSQL's own client of the replication protocol. */
  static Optional<Path> receiver() {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, "pg_recvlogical"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Candidate receiver(Path program, String plugin, boolean tls, long changes) {
    return () -> {
      place.backlog().copy(plugin, changes, SLOT);
      Place.Meter meter = place.meter();
      double cpuSeconds = timed(receiverCommand(program, plugin, tls));
      Sample sample = meter.end(cpuSeconds, Sample.UNKNOWN);
      place.backlog().drop(SLOT);
      return Map.of(
          new Row("`pg_recvlogical` to /dev/null", plugin, "", "", 0, tls, changes, ""), sample);
    };
  }

  private List<String> receiverCommand(Path program, String plugin, boolean tls) {
    PostgresServer server = place.backlog().server();
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--dbname");
    command.add(
        "host=localhost port=%d dbname=%s user=postgres %s"
            .formatted(
                server.port(),
                place.backlog().database(),
                tls
                    ? "sslmode=verify-full sslrootcert=" + place.backlog().authority()
                    : "sslmode=disable"));
    command.addAll(
        List.of(
            "--slot",
            SLOT,
            "--start",
            "--no-loop",
            "--file",
            "/dev/null",
            "--endpos",
            place.backlog().end()));
    switch (plugin) {
      case "pgoutput" ->
          command.addAll(
              List.of("-o", "proto_version=1", "-o", "publication_names=" + Backlog.PUBLICATION));
      case "wal2json" -> command.addAll(List.of("-o", "format-version=2"));
      default -> {}
    }
    return command;
  }

  /** Runs a command; returns its processor seconds. */
  private static double timed(List<String> command) throws IOException, InterruptedException {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", "\"$@\" && times", "sh"));
    shell.addAll(command);
    Process process =
        new ProcessBuilder(shell).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    Matcher times = TIME.matcher(printed.substring(printed.indexOf('\n') + 1)); // of its children
    if (process.waitFor() != 0 || !times.find()) {
      throw new IllegalStateException(command.get(0) + " failed: " + printed);
    }
    return 60 * Double.parseDouble(times.group(1))
        + Double.parseDouble(times.group(2))
        + 60 * Double.parseDouble(times.group(3))
        + Double.parseDouble(times.group(4));
  }

  /** Whether Debezium was compiled in, by the build's profile {@code oracles}. */
  static boolean haveDebezium() {
    try {
      Class.forName(DEBEZIUM_CLASS, false, Yardsticks.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * Debezium's engine with a sink for Kinesis.
   *
   * @param heap an option of the JVM, or empty
   */
  Candidate debezium(Path java, String heap, boolean tls, long changes) {
    return () -> {
      place.backlog().copy("pgoutput", changes, SLOT);
      Place.Meter meter = place.meter();
      Process process =
          new ProcessBuilder(debeziumCommand(java, heap, tls, changes))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String answer = process.inputReader(UTF_8).readLine();
      if (!"done".equals(answer)) {
        throw new IllegalStateException("Debezium's engine ended early");
      }
      Usage usage = Usage.of(process.pid());
      Sample sample = meter.end(usage.cpuSeconds(), usage.peakMegabytes());
      process.getOutputStream().close();
      process.onExit().join();
      place.backlog().drop(SLOT);
      return Map.of(
          new Row(
              Row.DEBEZIUM,
              "pgoutput",
              "JSON",
              heap.isEmpty() ? "C2" : "C2, `" + heap + "`",
              0,
              tls,
              changes,
              Row.COLD),
          sample);
    };
  }

  private List<String> debeziumCommand(Path java, String heap, boolean tls, long changes) {
    Backlog backlog = place.backlog();
    List<String> command = new ArrayList<>();
    command.add(java.resolve("bin/java").toString());
    if (!heap.isEmpty()) {
      command.add(heap);
    }
    if (tls) {
      command.addAll(place.trustOptions());
    }
    command.addAll(
        List.of(
            "-Djava.util.logging.config.file=src/test/resources/logging.properties",
            "-cp",
            System.getProperty("java.class.path"),
            DEBEZIUM_CLASS,
            place.endpoint().url(tls),
            Endpoint.STREAM,
            Long.toString(changes),
            "database.hostname=" + backlog.server().host(),
            "database.port=" + backlog.server().port(),
            "database.dbname=" + backlog.database(),
            "database.user=postgres",
            "database.password=postgres",
            "database.sslmode=" + (tls ? "verify-full" : "disable"),
            "slot.name=" + SLOT,
            "publication.name=" + Backlog.PUBLICATION));
    if (tls) {
      command.add("database.sslrootcert=" + backlog.authority());
    }
    return command;
  }
}

package dev.pg2kinesis.publish;

import dev.pg2kinesis.publish.kinesis.KinesisPublisher;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How much of a stream's quota the publisher uses while it is throttled all the time. Arguments:
 * seconds to measure, then lists of shard counts, change sizes, packings, orderings and stored
 * seconds.
 */
final class PublishBenchmark {

  private static final int WARM_UP_SECONDS = 4;

  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;
  private final URI endpoint;
  private final int seconds;

  private PublishBenchmark(int seconds) throws IOException {
    this.seconds = seconds;
    this.process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.pg2kinesis.publish.BenchmarkStream")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.endpoint = URI.create(answers.readLine());
  }

  public static void main(String[] arguments) throws Exception {
    PublishBenchmark benchmark = new PublishBenchmark(Integer.parseInt(arguments[0]));
    // Compiles.
    benchmark.measure(64, 200, Packing.NONE, Ordering.REPLAY, 0.25);
    System.out.println(
        "| shards | change | packing | ordering | stored | of the quota | changes/s | refused"
            + " | calls/s | CPU | heap after GC | order |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (String shards : list(arguments[1])) {
      for (String bytes : list(arguments[2])) {
        for (String packing : list(arguments[3])) {
          for (String ordering : list(arguments[4])) {
            for (String stored : list(arguments[5])) {
              System.out.println(
                  benchmark.measure(
                      Integer.parseInt(shards),
                      Integer.parseInt(bytes),
                      Packing.valueOf(packing.toUpperCase(Locale.ROOT)),
                      Ordering.valueOf(ordering.toUpperCase(Locale.ROOT)),
                      Double.parseDouble(stored)));
            }
          }
        }
      }
    }
    benchmark.commands.close();
    benchmark.process.waitFor();
  }

  private static List<String> list(String text) {
    return Arrays.asList(text.split(",", -1));
  }

  private String ask(String command) {
    commands.println(command);
    try {
      return answers.readLine();
    } catch (IOException e) {
      throw new IllegalStateException("the stream's process is gone", e);
    }
  }

  private Sample sample() {
    String[] numbers = ask("count").split(" ", -1);
    return new Sample(
        Long.parseLong(numbers[0]),
        Long.parseLong(numbers[1]),
        Long.parseLong(numbers[2]),
        Long.parseLong(numbers[3]),
        Long.parseLong(numbers[4]),
        Long.parseLong(numbers[5]),
        cpuNanos());
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private String measure(int shards, int bytes, Packing packing, Ordering ordering, double stored) {
    ask("open " + shards + ' ' + stored + ' ' + packing);
    BenchmarkLoad load = new BenchmarkLoad(bytes);
    long count = 0;
    Sample before = new Sample(0, 0, 0, 0, 0, 0, 0);
    Sample after = before;
    long heap = 0;
    try (KinesisStream stream = open();
        KinesisPublisher publisher =
            KinesisPublisher.open(
                stream,
                PublisherConfiguration.defaults().withPacking(packing).withOrdering(ordering),
                () -> Long.MAX_VALUE)) {
      long start = System.nanoTime();
      int phase = 0;
      while (phase < 2) {
        publisher.publish(load.next(count++));
        long elapsed = System.nanoTime() - start;
        if (phase == 0 && elapsed > TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS)) {
          before = sample();
          phase = 1;
        } else if (elapsed > TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS + seconds)) {
          after = sample();
          phase = 2;
        }
      }
      System.gc();
      heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      publisher.flush();
    }
    return row(
        List.of(shards, bytes, packing.settingName(), ordering.settingName(), stored),
        before,
        after,
        heap,
        ask("check " + count));
  }

  private static String row(
      List<Object> settings, Sample before, Sample after, long heap, String check) {
    double elapsed = (after.nanos() - before.nanos()) / 1e9;
    int shards = (Integer) settings.get(0);
    double records = (after.records() - before.records()) / elapsed;
    double bytes = (after.bytes() - before.bytes()) / elapsed;
    double used = Math.max(records / (1000.0 * shards), bytes / ((1 << 20) * (double) shards));
    double refused = after.refused() - before.refused();
    return "| %d | %d B | %s | %s | %s s | %.1f %% | %.0f | %.0f %% | %.0f | %.2f | %d MiB | %s |"
        .formatted(
            shards,
            (Integer) settings.get(1),
            settings.get(2),
            settings.get(3),
            settings.get(4),
            100 * used,
            (after.changes() - before.changes()) / elapsed,
            100 * refused / (refused + after.records() - before.records()),
            (after.calls() - before.calls()) / elapsed,
            (after.cpuNanos() - before.cpuNanos()) / 1e9 / elapsed,
            heap >> 20,
            check.equals("0 0") || (settings.get(3).equals("replay") && check.endsWith(" 0"))
                ? "kept"
                : "broken: " + check);
  }

  private KinesisStream open() {
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    System.setProperty("aws.endpointUrlKinesis", endpoint.toString());
    return KinesisStream.at(new StreamAddress("bench"));
  }

  private record Sample(
      long nanos,
      long records,
      long bytes,
      long refused,
      long calls,
      long changes,
      long cpuNanos) {}
}

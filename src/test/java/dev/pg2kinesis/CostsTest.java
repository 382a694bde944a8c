package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** That the costs in {@code deploy.md} are what its unit prices come to. */
class CostsTest {

  private static final double HOURS = 730;
  private static final double RUNS = HOURS * 60;
  private static final double[] CHANGES = {0, 1e6, 1e8};

  private static final double GATEWAY = HOURS * 0.045;
  private static final double SECRET = 0.40;
  private static final double METRICS = 13 * 0.30;
  private static final double ALARMS = 11 * 0.10;

  /** The lines of the document's chapter. */
  private static List<String> chapter() throws IOException {
    return Files.readAllLines(Path.of("src/docs/deploy.md")).stream()
        .dropWhile(line -> !line.equals("## What it costs"))
        .toList();
  }

  /** A change is 1 KB. */
  private static double gigabytes(double changes) {
    return changes / (1 << 20);
  }

  private static double requests(double changes) {
    return RUNS * 0.20 / 1e6;
  }

  private static double duration(double changes) {
    double gigabyteSeconds = RUNS * 0.1 + changes / 1000;
    return gigabyteSeconds * 0.0000133334 + 1.5 * gigabyteSeconds * 0.0000000309;
  }

  private static double logs(double changes) {
    return gigabytes(RUNS * 2) * 0.50;
  }

  private static double schedule(double changes) {
    return RUNS * 1.00 / 1e6;
  }

  private static double function(double changes) {
    return requests(changes) + duration(changes) + logs(changes) + schedule(changes);
  }

  private static double endpoint(double changes) {
    return HOURS * 0.01 + gigabytes(changes) * 0.01;
  }

  private static double throughNat(double changes) {
    return gigabytes(changes) * 0.045;
  }

  private static double shard(double changes) {
    return HOURS * 0.015 + changes * 0.014 / 1e6;
  }

  private static double onDemand(double changes) {
    return HOURS * 0.04 + gigabytes(changes) * 0.08;
  }

  private static double defaults(double changes) {
    return function(changes) + METRICS + ALARMS + shard(changes);
  }

  private static void assertRow(String start, DoubleUnaryOperator cost) throws IOException {
    List<String> rows = chapter().stream().filter(line -> line.startsWith("| " + start)).toList();
    assertThat(rows).as(start).isNotEmpty();
    String expected =
        DoubleStream.of(CHANGES)
            .mapToObj(changes -> String.format(Locale.ROOT, "%.2f", cost.applyAsDouble(changes)))
            .reduce("", (row, amount) -> row + " " + amount + " |");
    for (String row : rows) {
      assertThat(row.replace("**", "")).as(start).endsWith(" |" + expected);
    }
  }

  @Test
  void theTotals() throws IOException {
    assertRow(
        "**cheapest**",
        changes -> function(changes) + METRICS + endpoint(changes) + shard(changes));
    assertRow("**the defaults**", changes -> defaults(changes) + throughNat(changes));
    assertRow(
        "the same, with a NAT gateway",
        changes -> defaults(changes) + throughNat(changes) + GATEWAY);
    assertRow(
        "the same without NAT", changes -> defaults(changes) + endpoint(changes) + 3 * endpoint(0));
  }

  @Test
  void theFunctionAndWhatSurroundsIt() throws IOException {
    assertRow("requests", CostsTest::requests);
    assertRow("duration", CostsTest::duration);
    assertRow("logs", CostsTest::logs);
    assertRow("schedule", CostsTest::schedule);
    assertRow("**function**", CostsTest::function);
    assertRow("13 metrics", changes -> METRICS);
    assertRow("Kinesis endpoint", CostsTest::endpoint);
    assertRow("or data through a NAT gateway", CostsTest::throughNat);
    assertRow("stream, one provisioned shard", CostsTest::shard);
    assertRow("the same with `PACKING=lines`", changes -> HOURS * 0.015 + changes / 25 * 0.014e-6);
    assertRow("or stream on demand", CostsTest::onDemand);
  }

  @Test
  void theProducers() throws IOException {
    assertRow("**pg2kinesis** with IAM", CostsTest::function);
    assertRow(
        "**pg2kinesis** with secret", changes -> function(changes) + SECRET + 2 * endpoint(0));
    assertRow("Debezium Server", changes -> HOURS * (0.03238 + 2 * 0.00356));
    assertRow("the same, x86", changes -> HOURS * (0.04048 + 2 * 0.004445));
    assertRow("DMS `r5.large`", changes -> HOURS * 0.23);
  }

  @Test
  void theChoices() throws IOException {
    String choices = String.join("\n", chapter());

    assertThat(choices)
        .contains(
            String.format(
                Locale.ROOT,
                "%.2f idle, %.2f with 100 M changes",
                onDemand(0) - shard(0),
                onDemand(1e8) - shard(1e8)));
  }

  @Test
  void aSecondOfTheProcessor() throws IOException {
    double gigabyteSeconds = 1769.0 / 1024;

    assertThat(String.join(" ", chapter()))
        .contains(
            String.format(
                Locale.ROOT,
                "%.2f GB-seconds with any memory: $%.6f on arm64, $%.6f on x86",
                gigabyteSeconds,
                gigabyteSeconds * 0.0000133334,
                gigabyteSeconds * 0.0000166667));
  }
}

package dev.pg2kinesis.endtoend;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tables: medians of what was measured, their ratios, and what it costs on Lambda. */
final class Report {

  private static final double ARM_PER_GIGABYTE_SECOND = 0.0000133334;
  private static final double X86_PER_GIGABYTE_SECOND = 0.0000166667;
  private static final double PER_UNIT = 0.014e-6;
  private static final double PER_GIGABYTE_ON_DEMAND = 0.08;

  private final Map<Row, List<Sample>> samples;

  Report(Map<Row, List<Sample>> samples) {
    this.samples = samples;
  }

  static String text(Sample sample) {
    return String.format(
        Locale.ROOT,
        "%.2f s, CPU %.2f s, server %.2f s, %.0f MB, %s",
        sample.seconds(),
        sample.cpuSeconds(),
        sample.serverCpuSeconds(),
        sample.peakMegabytes(),
        sample.traffic());
  }

  void printFigures() {
    System.out.println(
        "| program | plugin | records | process | TLS | changes | run | s | CPU s | PostgreSQL's CPU"
            + " s | peak RSS, MB | calls | MB sent | × the count | × Debezium's CPU |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    samples.forEach(this::printFigures);
  }

  private void printFigures(Row row, List<Sample> of) {
    double seconds = Sample.median(of, Sample::seconds);
    double cpuSeconds = Sample.median(of, Sample::cpuSeconds);
    Traffic traffic = Sample.traffic(of);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %,d | %s | %.2f | %s | %.2f | %s | %s | %s | %s | %s |%n",
        row.program(),
        row.plugin(),
        row.records(),
        row.process(),
        row.tls() ? "yes" : "no",
        row.changes(),
        row.run(),
        seconds,
        figure("%.2f", cpuSeconds),
        Sample.median(of, Sample::serverCpuSeconds),
        figure("%.0f", Sample.median(of, Sample::peakMegabytes)),
        figure("%.0f", traffic.calls() == 0 ? Sample.UNKNOWN : traffic.calls()),
        figure("%.0f", traffic.calls() == 0 ? Sample.UNKNOWN : traffic.megabytes()),
        figure("%.1f", seconds / count(row)),
        cpuSeconds < 0 ? "–" : figure("%.2f", cpuSeconds / debezium(row)));
  }

  /** A figure, or a dash where there is none. */
  private static String figure(String format, double figure) {
    return figure < 0 ? "–" : String.format(Locale.ROOT, format, figure);
  }

  private double count(Row row) {
    return samples.entrySet().stream()
        .filter(
            entry ->
                entry.getKey().program().equals(Row.COUNT)
                    && entry.getKey().plugin().equals(row.plugin())
                    && entry.getKey().changes() == row.changes())
        .mapToDouble(entry -> Sample.median(entry.getValue(), Sample::seconds))
        .findFirst()
        .orElse(Sample.UNKNOWN);
  }

  /** The processor time of Debezium's engine with the heap that it takes by itself. */
  private double debezium(Row row) {
    return samples.entrySet().stream()
        .filter(
            entry ->
                entry.getKey().program().equals(Row.DEBEZIUM)
                    && !entry.getKey().process().contains("-Xmx")
                    && entry.getKey().tls() == row.tls()
                    && entry.getKey().changes() == row.changes())
        .mapToDouble(entry -> Sample.median(entry.getValue(), Sample::cpuSeconds))
        .findFirst()
        .orElse(Sample.UNKNOWN);
  }

  /**
   * For functions whose processor is the limit: with shards enough, and nothing else to wait for.
   */
  void printCosts() {
    System.out.println(
        "| per million changes | TLS | run | CPU s | vCPU | billed s | GB-s | USD, arm64 | USD, x86 |"
            + " USD, Kinesis, provisioned | USD, Kinesis, on demand |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    samples.forEach(this::printCost);
  }

  private void printCost(Row row, List<Sample> of) {
    if (row.memoryMegabytes() == 0) {
      return;
    }
    double millions = row.changes() / 1e6;
    double share = row.memoryMegabytes() / CpuShare.MEGABYTES_PER_CPU;
    double cpuSeconds = Sample.median(of, Sample::cpuSeconds) / millions;
    double billedSeconds = cpuSeconds / share;
    double gigabyteSeconds = billedSeconds * row.memoryMegabytes() / 1024;
    Traffic traffic = Sample.traffic(of);
    System.out.printf(
        Locale.ROOT,
        "| %s, %s, %s, %s | %s | %s | %.1f | %.2f | %.1f | %.1f | %.5f | %.5f | %.4f | %.4f |%n",
        row.program(),
        row.plugin(),
        row.records(),
        row.process(),
        row.tls() ? "yes" : "no",
        row.run(),
        cpuSeconds,
        share,
        billedSeconds,
        gigabyteSeconds,
        gigabyteSeconds * ARM_PER_GIGABYTE_SECOND,
        gigabyteSeconds * X86_PER_GIGABYTE_SECOND,
        traffic.units() / millions * PER_UNIT,
        traffic.kilobytes() / millions / (1 << 20) * PER_GIGABYTE_ON_DEMAND);
  }
}

package dev.pg2kinesis.endtoend;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One measurement. What could not be measured is negative.
 *
 * @param seconds until the last change was acknowledged
 * @param cpuSeconds of the program's process
 * @param serverCpuSeconds of all of PostgreSQL's processes
 * @param peakMegabytes the program's resident memory, at most, since it started
 * @param traffic what it sent
 */
record Sample(
    double seconds,
    double cpuSeconds,
    double serverCpuSeconds,
    double peakMegabytes,
    @Nullable Traffic traffic) {

  static final double UNKNOWN = -1;

  static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return samples.stream()
        .mapToDouble(figure)
        .sorted()
        .skip((samples.size() - 1) / 2)
        .findFirst()
        .orElse(UNKNOWN);
  }

  /** The middle of what was sent, by bytes. */
  static Traffic traffic(List<Sample> samples) {
    return samples.stream()
        .map(sample -> sample.traffic() == null ? Traffic.NONE : sample.traffic())
        .sorted((a, b) -> Long.compare(a.bytes(), b.bytes()))
        .skip((samples.size() - 1) / 2)
        .findFirst()
        .orElse(Traffic.NONE);
  }
}

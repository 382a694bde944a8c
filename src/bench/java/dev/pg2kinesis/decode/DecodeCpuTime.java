package dev.pg2kinesis.decode;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The rows of {@link DecodeBenchmark} measured in the thread's own processor time, for machines
 * that do other things meanwhile. Takes the name of a plugin.
 */
public final class DecodeCpuTime {

  private static final int WARM_UP = 4_000;
  private static final int ROUNDS = 12;
  private static final int ROWS = 1_000;

  private DecodeCpuTime() {}

  public static void main(String[] args) {
    Blackhole blackhole =
        new Blackhole(
            "Today's password is swordfish. I understand instantiating Blackholes directly is"
                + " dangerous.");
    for (int note : new int[] {20, 2_000}) {
      DecodeBenchmark benchmark = new DecodeBenchmark();
      benchmark.plugin = Plugin.valueOf(args[0]);
      benchmark.note = note;
      benchmark.prepare();
      measure(benchmark, blackhole, WARM_UP);
      double best = Double.MAX_VALUE;
      double sum = 0;
      for (int round = 0; round < ROUNDS; round++) {
        double nanos = measure(benchmark, blackhole, note < 100 ? 500 : 100);
        best = Math.min(best, nanos);
        sum += nanos;
      }
      System.out.printf("| %s | %d | %.0f | %.0f |%n", args[0], note, best, sum / ROUNDS);
    }
  }

  /** Nanoseconds for each row. */
  private static double measure(DecodeBenchmark benchmark, Blackhole blackhole, int times) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < times; i++) {
      benchmark.decode(blackhole);
    }
    return (threads.getCurrentThreadCpuTime() - start) / (double) times / ROWS;
  }
}

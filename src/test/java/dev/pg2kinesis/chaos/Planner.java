package dev.pg2kinesis.chaos;

import dev.pg2kinesis.chaos.Plan.Invocation;
import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.postgres.Wal2Json;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes a plan from a seed. */
final class Planner {

  static final int WRITERS = 3;

  static final List<String> PLUGINS = List.of("pgoutput", "test_decoding", "wal2json");

  private static final int[] MAJORS = {11, 13, 15, 15, 18, 18};
  private static final int INVOCATIONS = 7;
  private static final int STEPS = 75;

  private Planner() {}

  /**
   * The plan of a seed.
   *
   * @param plugin the slot's plugin, or null for the seed's
   * @param format or null for the seed's
   */
  static Plan plan(long seed, @Nullable String plugin, @Nullable Format format) {
    Random random = new Random(seed);
    Setup setup = setup(seed, random, plugin, format);
    Workload workload = new Workload(new Random(random.nextLong()), setup);
    return new Plan(setup, workload.steps(STEPS), invocations(random, setup));
  }

  private static Setup setup(
      long seed, Random random, @Nullable String plugin, @Nullable Format format) {
    int major = MAJORS[random.nextInt(MAJORS.length)];
    String chosen = PLUGINS.get(random.nextInt(PLUGINS.size()));
    if (plugin != null) {
      chosen = plugin;
    } else if (chosen.equals("wal2json") && !Wal2Json.isInstalled()) {
      chosen = "pgoutput";
    }
    if (chosen.equals("wal2json")) {
      major = Wal2Json.MAJOR;
    }
    Format written = random.nextInt(3) == 0 ? Format.DEBEZIUM : any(random, Format.values());
    return new Setup(
        seed,
        major,
        chosen,
        format == null ? written : format,
        random.nextInt(3) > 0 ? PartitionKey.PRIMARY_KEY : any(random, PartitionKey.values()),
        random.nextInt(2) == 0 ? Packing.NONE : any(random, Packing.values()),
        any(random, Ordering.values()),
        random.nextInt(2) == 0,
        random.nextInt(3) == 0,
        random.nextInt(3) == 0 ? 100_000 : 1 + random.nextInt(200),
        1 + random.nextInt(4));
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  private static List<Invocation> invocations(Random random, Setup setup) {
    List<Invocation> invocations = new ArrayList<>();
    boolean ownProcess = random.nextInt(10) == 0;
    boolean restarts = random.nextInt(12) == 0;
    for (int i = 0; i < INVOCATIONS; i++) {
      Fault fault = any(random, Fault.values());
      if ((fault.ownProcess() && !ownProcess)
          || (fault.name().startsWith("RESTARTED") && !restarts)
          || (fault.remote() && !setup.remote())
          || (fault == Fault.PARAMETER_FAILURES && !setup.watermark())
          || (fault.name().endsWith("WATERMARK") && !setup.watermark())) {
        fault = random.nextBoolean() ? Fault.NONE : Fault.KILLED_ANYWHERE;
      }
      invocations.add(new Invocation(fault, at(random, fault), random.nextInt(6) == 0));
    }
    return invocations;
  }

  private static int at(Random random, Fault fault) {
    return switch (fault) {
      case KILLED_IN_PEEK, CUT -> 1 << random.nextInt(18);
      case KILLED_ANYWHERE, TERMINATED_ANYWHERE -> random.nextInt(120);
      case PROCESS_KILLED_ANYWHERE -> 300 + random.nextInt(1_500);
      case NETWORK_SILENT -> 1 << random.nextInt(16);
      case DEADLINE -> 120 + random.nextInt(600);
      default -> 1 + random.nextInt(random.nextBoolean() ? 1 : 4);
    };
  }
}

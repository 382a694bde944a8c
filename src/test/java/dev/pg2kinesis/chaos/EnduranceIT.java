package dev.pg2kinesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Ticks of a schedule in one warm process: most find nothing, one in ten finds changes, one in a
 * hundred loses its session. {@code -Dendurance.ticks=10080} are those of a week.
 */
class EnduranceIT {

  private static final int TICKS = Integer.getInteger("endurance.ticks", 120);

  /** What a process holds. */
  private record Holdings(long heapBytes, int threads, long files, long spillFiles) {

    static Holdings now(Path temporary) throws IOException {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      try (Stream<Path> files = Files.list(temporary)) {
        return new Holdings(
            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
            ManagementFactory.getThreadMXBean().getThreadCount(),
            system.getOpenFileDescriptorCount(),
            files.filter(file -> file.toString().endsWith(".spill")).count());
      }
    }
  }

  @Test
  void nothingGrows() throws Exception {
    try (World world = new World()) {
      PostgresServer server = world.servers.of(15);
      String database = server.createDatabase("TEMPLATE " + Servers.TEMPLATE);
      world.kinesis.createStream("endurance", 2, new FakeStream.Settings(0, 1 << 20, false));
      try (Admin admin = new Admin(server, database);
          Gate gate = new Gate("endurance", server.port());
          InProcess function = new InProcess(gate, environment(world, database, gate))) {
        admin.query("SELECT pg_create_logical_replication_slot('endurance', 'pgoutput')");
        tick(function, admin, 100); // classes are loaded, connections are open
        Holdings before = Holdings.now(world.temporary);
        long[] cpu = tick(function, admin, TICKS);
        Holdings after = Holdings.now(world.temporary);

        System.out.printf(
            "%d ticks: %s before, %s after; processor time of an idle tick %d us at the start, %d us"
                + " at the end%n",
            TICKS, before, after, median(cpu, 0, 1), median(cpu, 3, 4));
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 4);
        assertThat(after.files()).isLessThanOrEqualTo(before.files() + 4);
        assertThat(after.spillFiles()).isZero();
        assertThat(after.heapBytes()).isLessThan(before.heapBytes() + (4 << 20));
        PostgresServer.await(
            () ->
                admin
                    .query(
                        "SELECT count(*) FROM pg_stat_activity"
                            + " WHERE application_name = 'pg2kinesis-lambda'")
                    .equals("0"));
      }
    }
  }

  private static Map<String, String> environment(World world, String database, Gate gate) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PGHOST", world.servers.of(15).host());
    environment.put("PGPORT", Integer.toString(gate.database.port()));
    environment.put("PGDATABASE", database);
    environment.put("PGUSER", FunctionRole.NAME);
    environment.put("PGPASSWORD", world.servers.role(15).password());
    environment.put("PGSSLMODE", "disable");
    environment.put("SLOT_NAME", "endurance");
    environment.put("PUBLICATION_NAMES", FunctionRole.PUBLICATION);
    environment.put("STREAM_NAME", "endurance");
    environment.put("FORMAT", Format.DEBEZIUM.settingName());
    environment.put("WATERMARK_PARAMETER", "/endurance/watermark");
    return environment;
  }

  /** Returns the processor time of each idle tick, in nanoseconds. */
  private static long[] tick(Function function, Admin admin, int ticks) {
    long[] cpu = new long[ticks];
    int idle = 0;
    for (int i = 0; i < ticks; i++) {
      if (i % 10 == 5) {
        admin.execute(
            List.of(
                "INSERT INTO big SELECT i, 0, repeat('x', 5000) FROM generate_series(1, 20) i"
                    + " ON CONFLICT (id) DO UPDATE SET v = big.v + 1"));
      }
      if (i % 100 == 96) {
        function.gate().database.watch(new CutOnce(function.gate()));
      }
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      String end = function.poll(60_000);
      long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      if (i % 100 == 96) {
        function.gate().database.watch(null);
      } else {
        assertThat(end).isEqualTo("CAUGHT_UP");
        if (i % 10 != 5) {
          cpu[idle++] = spent;
        }
      }
    }
    return Arrays.copyOf(cpu, idle);
  }

  /** Cuts the connection where the peek begins. */
  private record CutOnce(Gate gate) implements Doorway.Watch {
    @Override
    public boolean lets(String bytes, boolean fromServer) {
      if (!fromServer && bytes.contains("pg_logical_slot_peek")) {
        gate.database.cut();
        return false;
      }
      return true;
    }
  }

  /** The median of a quarter, in microseconds. */
  private static long median(long[] nanos, int from, int to) {
    long[] quarter = Arrays.copyOfRange(nanos, nanos.length * from / 4, nanos.length * to / 4);
    Arrays.sort(quarter);
    return quarter[quarter.length / 2] / 1_000;
  }
}

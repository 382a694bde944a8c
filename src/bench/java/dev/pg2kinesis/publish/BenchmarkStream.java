package dev.pg2kinesis.publish;

import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.DeliveryOrder;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The stream's side of the benchmark, in a separate process. Reads commands from standard input:
 * {@code open <shards> <stored seconds> <packing>}, {@code count} and {@code check <changes>}; ends
 * with its input.
 */
final class BenchmarkStream {

  private static final int LATENCY_MILLIS = 15;

  private final FakeKinesis kinesis = FakeKinesis.start();
  private FakeStream stream = kinesis.createStream("bench", 1);
  private DeliveryOrder order = new DeliveryOrder();
  private volatile long records;
  private volatile long bytes;
  private volatile long changes;

  private BenchmarkStream() {
    kinesis.setLatencyMillis(LATENCY_MILLIS);
  }

  public static void main(String[] arguments) throws IOException {
    BenchmarkStream benchmark = new BenchmarkStream();
    System.out.println(benchmark.kinesis.endpoint());
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      System.out.println(benchmark.answer(line.split(" ", -1)));
    }
    benchmark.kinesis.close();
  }

  private String answer(String[] command) {
    return switch (command[0]) {
      case "open" -> {
        open(
            Integer.parseInt(command[1]),
            Double.parseDouble(command[2]),
            Packing.valueOf(command[3]));
        yield "opened";
      }
      case "count" ->
          System.nanoTime()
              + " "
              + records
              + " "
              + bytes
              + " "
              + stream.throttledEntries()
              + " "
              + kinesis.putCalls()
              + " "
              + changes;
      case "check" -> check(Long.parseLong(command[1]));
      default -> "unknown";
    };
  }

  private void open(int shards, double storedSeconds, Packing packing) {
    records = 0;
    bytes = 0;
    changes = 0;
    order = new DeliveryOrder();
    stream =
        kinesis.createStream(
            "bench", shards, new FakeStream.Settings(storedSeconds, 1 << 20, false));
    stream.observe(delivery -> delivered(delivery, packing));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // The stream's lock is held; only reading is not.
  private void delivered(Delivery delivery, Packing packing) {
    records++;
    bytes += delivery.data().length + delivery.partitionKey().length();
    Versions.deliver(packing, delivery, order);
    changes = order.deliveries();
  }

  private String check(long changes) {
    BenchmarkLoad load = new BenchmarkLoad(0);
    for (long i = 0; i < changes; i++) {
      load.skip();
    }
    Map<String, Long> sent = new HashMap<>();
    for (int row = 0; row < BenchmarkLoad.rows(); row++) {
      if (load.versions(row) > 0) {
        sent.put(BenchmarkLoad.key(row), load.versions(row));
      }
    }
    return order.skips() + " " + order.unsettled(sent).size();
  }
}

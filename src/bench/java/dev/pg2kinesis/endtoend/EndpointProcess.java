package dev.pg2kinesis.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.postgres.Authority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;

/**
 * A stream that acknowledges at once, with and without TLS. Arguments: a certificate and its key.
 * Prints both addresses, and what was taken since the last time for each line of its standard
 * input; ends with it.
 */
final class EndpointProcess {

  private static final int SHARDS = 4;
  private static final int UNIT_BYTES = 25 << 10;

  private long records;
  private long bytes;
  private long units;
  private long kilobytes;

  private EndpointProcess() {}

  public static void main(String[] arguments) throws IOException {
    Authority.Issued issued = new Authority.Issued(Path.of(arguments[0]), Path.of(arguments[1]));
    EndpointProcess taken = new EndpointProcess();
    FakeStream stream =
        new FakeStream(SHARDS, new FakeStream.Settings(0, 1 << 20, false), System.nanoTime());
    stream.observe(taken::add);
    try (FakeKinesis plain = FakeKinesis.start();
        FakeKinesis secure = FakeKinesis.start(issued.context())) {
      plain.addName("bench", stream);
      secure.addName("bench", stream);
      System.out.println(plain.endpoint());
      System.out.println(secure.endpoint());
      BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      long calls = 0;
      while (commands.readLine() != null) {
        long now = plain.putCalls() + secure.putCalls();
        System.out.println(taken.since(now - calls));
        calls = now;
      }
    }
  }

  private synchronized void add(Delivery delivery) {
    int size = delivery.data().length + delivery.partitionKey().getBytes(UTF_8).length;
    records++;
    bytes += size;
    units += (size + UNIT_BYTES - 1) / UNIT_BYTES;
    kilobytes += (size + 1023) / 1024;
  }

  private synchronized Traffic since(long calls) {
    Traffic traffic = new Traffic(calls, records, bytes, units, kilobytes);
    records = 0;
    bytes = 0;
    units = 0;
    kilobytes = 0;
    return traffic;
  }
}

package dev.pg2kinesis;

import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.FakeStream;
import java.io.IOException;

/** A stream that acknowledges at once, in a separate process; ends with its standard input. */
final class BenchmarkEndpoint {

  private static final int SHARDS = 16;

  private BenchmarkEndpoint() {}

  public static void main(String[] arguments) throws IOException {
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      kinesis.createStream("bench", SHARDS, new FakeStream.Settings(0, 1 << 20, false));
      System.out.println(kinesis.endpoint());
      while (System.in.read() >= 0) {
        // until the benchmark is over
      }
    }
  }
}

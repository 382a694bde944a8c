package dev.pg2kinesis.publish;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes of random rows, the same for the same seed in every process. */
public final class BenchmarkLoad {

  private static final int ROWS = 20_000;
  private static final long SEED = 4;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final long[] versions = new long[ROWS];
  private final byte[] template;

  public BenchmarkLoad(int bytes) {
    template = new byte[bytes];
    Arrays.fill(template, (byte) '.');
  }

  /** The next change: its row's key and version, filled up with dots. */
  public StreamRecord next(long index) {
    int row = nextRow();
    String key = "public.orders/" + row;
    byte[] head = (key + '|' + versions[row]++ + '|').getBytes(StandardCharsets.ISO_8859_1);
    byte[] payload = template.clone();
    System.arraycopy(head, 0, payload, 0, head.length);
    return new StreamRecord(key, payload, new Lsn(index), 0);
  }

  /** Leaves out the next change, but counts its version. */
  void skip() {
    versions[nextRow()]++;
  }

  private int nextRow() {
    return random.nextInt(ROWS);
  }

  /** How many versions a row has had so far. */
  long versions(int row) {
    return versions[row];
  }

  static int rows() {
    return ROWS;
  }

  static String key(int row) {
    return "public.orders/" + row;
  }
}

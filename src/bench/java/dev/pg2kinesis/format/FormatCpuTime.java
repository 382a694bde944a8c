package dev.pg2kinesis.format;

import com.sun.management.ThreadMXBean;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;

/**
 * The stage from a change to its record, filter, format and partition key together, in the thread's
 * own processor time and allocation: rows of five columns, as in the benchmark of the decoders.
 */
public final class FormatCpuTime {

  private static final int WARM_UP = 2_000_000;
  private static final int ROUNDS = 12;
  private static final int ROWS = 200_000;

  private FormatCpuTime() {}

  public static void main(String[] arguments) {
    for (Format format : Format.values()) {
      RecordMaker maker =
          new RecordMaker(
              new RecordMaker.Plan(
                  format.formatter(new FormatContext("shop", "pg2kinesis", "1.0.0", false)),
                  PartitionKey.PRIMARY_KEY,
                  ChangeFilter.ALL,
                  Oversize.FAIL,
                  1 << 20,
                  "pg2kinesis"));
      RecordMaker.Transaction records =
          maker.begin(
              new Commit(
                  766, Lsn.parse("0/19C3CE8"), Instant.parse("2026-01-02T03:04:05.678901Z")));
      RowChange change = change();
      measure(records, change, WARM_UP);
      double best = Double.MAX_VALUE;
      double sum = 0;
      double bytes = 0;
      for (int round = 0; round < ROUNDS; round++) {
        double[] result = measure(records, change, ROWS);
        best = Math.min(best, result[0]);
        sum += result[0];
        bytes = result[1];
      }
      System.out.printf(
          "| %s | %.0f | %.0f | %,.0f | %.0f |%n",
          format.settingName(), best, sum / ROUNDS, 1e9 / best, bytes);
    }
  }

  /** Nanoseconds and allocated bytes for each change. */
  private static double[] measure(RecordMaker.Transaction records, RowChange change, int times) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] payload = {0};
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long start = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < times; i++) {
      records.accept(change, record -> payload[0] += record.payload().length);
    }
    double nanos = (threads.getCurrentThreadCpuTime() - start) / (double) times;
    double bytes = (threads.getCurrentThreadAllocatedBytes() - allocated) / (double) times;
    if (payload[0] == 0) {
      throw new IllegalStateException("nothing was written");
    }
    return new double[] {nanos, bytes};
  }

  private static RowChange change() {
    Row row =
        new Row(
            List.of(
                new Column("id", "bigint"),
                new Column("name", "text"),
                new Column("note", "text"),
                new Column("amount", "numeric"),
                new Column("placed", "timestamp with time zone")),
            List.of(
                Value.of("1234567"),
                Value.of("Ada Lovelace"),
                Value.of("twenty characters ..."),
                Value.of("12345.67"),
                Value.of("2026-01-02 03:04:05.678901+00")));
    return new RowChange(
        Lsn.parse("0/19C3CB0"),
        Operation.INSERT,
        new TableName("public", "orders"),
        List.of("id"),
        null,
        row);
  }
}

package dev.pg2kinesis.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import java.util.ArrayList;
import java.util.List;

/** What is published of changes: lines of a record's partition key, a space and its payload. */
final class Published {

  private Published() {}

  /** The records that transactions make in a format. */
  static List<String> records(Plugin plugin, Format format, List<Transaction> transactions) {
    FormatContext context = new FormatContext("shop", "slot", "1.0.0", plugin.isWal2Json());
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(context),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                "slot"));
    List<String> lines = new ArrayList<>();
    for (Transaction transaction : transactions) {
      RecordMaker.Transaction open = records.begin(transaction.commit());
      for (var change : transaction.changes()) {
        open.accept(
            change,
            record -> lines.add(record.partitionKey() + " " + new String(record.payload(), UTF_8)));
      }
    }
    return lines;
  }
}

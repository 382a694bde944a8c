package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The records of a slot's changes. */
final class OurRecords {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private OurRecords() {}

  /** All records that the slot's changes make. */
  static List<StreamRecord> of(
      PostgresServer server, String database, String slot, String publication, Format format) {
    return of(server, database, slot, publication, format, false);
  }

  /**
   * The same.
   *
   * @param transactionEvents whether an event follows each transaction
   */
  static List<StreamRecord> of(
      PostgresServer server,
      String database,
      String slot,
      String publication,
      Format format,
      boolean transactionEvents) {
    FormatContext context = new FormatContext(database, "pg2kinesis", "1.0.0", false);
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(context),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                slot,
                Outbox.NONE,
                transactionEvents));
    List<StreamRecord> result = new ArrayList<>();
    try (Slot open =
        PostgresSlot.open(server.login(database), slot, List.of(publication), 2, PATIENCE)) {
      Decoder decoder = Decoders.of(open.plugin(), open.catalog());
      CommitReader commits = Decoders.commitReader(open.plugin());
      List<Change> changes = new ArrayList<>();
      try (Slot.Peek peek = open.peek(open.position().flush(), 1_000_000, PATIENCE)) {
        for (RawRow row = peek.next(); row != null; row = peek.next()) {
          decoder.decode(row, changes::add);
          Commit commit = commits.commitOf(row);
          if (commit != null) {
            RecordMaker.Transaction transaction = records.begin(commit);
            changes.forEach(change -> transaction.accept(change, result::add));
            transaction.end(result::add);
            changes.clear();
          }
        }
      }
    }
    return result;
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.command.RunClock;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The records of rows that a snapshot reads. */
final class OurReads {

  /** When the snapshot was started. */
  static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private OurReads() {}

  static List<StreamRecord> of(
      PostgresServer server,
      String database,
      String slot,
      String publication,
      List<TableName> tables) {
    List<StreamRecord> result = new ArrayList<>();
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                Format.DEBEZIUM.formatter(
                    new FormatContext(database, "pg2kinesis", "1.0.0", false)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                slot));
    SnapshotState state =
        SnapshotState.begin(
            STARTED, tables.stream().map(name -> SnapshotState.Table.waiting(name, 0)).toList());
    try (Slot open =
        PostgresSlot.open(server.login(database), slot, List.of(publication), 2, PATIENCE)) {
      Lsn position = open.position().confirmed();
      SnapshotRun run =
          new SnapshotRun(
              open.tables(), state, records, kept -> {}, new RunClock(PATIENCE::toMillis), 1 << 24);
      while (run.read() != null) {
        run.publishRemaining(position, result::add);
        run.acknowledged();
      }
    }
    return result;
  }
}

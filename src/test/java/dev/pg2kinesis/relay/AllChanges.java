package dev.pg2kinesis.relay;

import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Destinations;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Outbox;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;

/** Records of a run that publishes every change, keyed by row. */
final class AllChanges {

  private static final int MAX_RECORD_BYTES = 1 << 20;

  private AllChanges() {}

  static RecordMaker in(Format format) {
    return to(Destinations.one(MAX_RECORD_BYTES), format);
  }

  static RecordMaker to(Destinations destinations, Format format) {
    return new RecordMaker(
        new RecordMaker.Plan(
            format.formatter(new FormatContext("db", "slot", "1", false)),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.FAIL,
            destinations,
            "slot",
            Outbox.NONE,
            false));
  }

  /** The same, with an event after each transaction. */
  static RecordMaker withTransactionEvents(Format format) {
    return new RecordMaker(
        new RecordMaker.Plan(
            format.formatter(new FormatContext("db", "slot", "1", false)),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.FAIL,
            MAX_RECORD_BYTES,
            "slot",
            Outbox.NONE,
            true));
  }
}

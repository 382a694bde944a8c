package dev.pg2kinesis.command;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Utf8;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.Visibility;
import dev.pg2kinesis.relay.WindowSize;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.slot.UndecodableTransaction;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The command {@code peek}: shows the next records as they would be published, from one window.
 * Publishes nothing and moves nothing.
 */
final class PeekCommand {

  /** Bytes of records to show at most. Lambda limits a result, with its escapes, to 6 MB. */
  private static final int MAX_BYTES = 1 << 20;

  private final Slot slot;
  private final RecordMaker records;
  private final List<String> streams;
  private final WindowSize size;
  private final Deadline deadline;
  private final Spill spill;
  private final Visibility visibility;
  private final int limit;

  private final List<StreamRecord> shown = new ArrayList<>();
  private long shownBytes;

  /**
   * @param streams names or ARNs by number, the default stream first
   * @param visibility which transactions may be published
   * @param limit how many records to show
   */
  PeekCommand(
      Slot slot,
      RecordMaker records,
      List<String> streams,
      WindowSize size,
      Deadline deadline,
      Spill spill,
      Visibility visibility,
      int limit) {
    this.slot = slot;
    this.records = records;
    this.streams = streams;
    this.size = size;
    this.deadline = deadline;
    this.spill = spill;
    this.visibility = visibility;
    this.limit = limit;
  }

  Map<String, Object> result() {
    boolean more = read();
    return new Fields()
        .put("action", Command.Action.PEEK.text())
        .put("records", shown.stream().map(this::fields).toList())
        .put("more", more)
        .map();
  }

  /** Reads one window; returns whether there may be more than is shown. */
  private boolean read() {
    Slot.Position position = slot.position();
    Lsn upTo = size.upTo(position, position.flush());
    try {
      return read(upTo) || position.flush().isAfter(upTo);
    } catch (UndecodableException e) {
      return !shown.isEmpty() || readBefore(e, upTo);
    }
  }

  /** Reads what comes before the transaction that cannot be decoded, if anything does. */
  private boolean readBefore(UndecodableException failure, Lsn upTo) {
    UndecodableTransaction found = slot.findUndecodable(failure, upTo, deadline.left());
    if (found == null) {
      throw failure.withoutTransaction();
    }
    read(found.before());
    if (shown.isEmpty()) {
      throw failure.in(found);
    }
    return true;
  }

  private boolean read(Lsn upTo) {
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    visibility.windowBegins();
    try (Window window =
        Window.open(
            slot.peek(upTo, size.rows(), deadline.left()),
            Decoders.commitReader(slot.plugin()),
            spill)) {
      for (Commit commit = window.nextTransaction();
          commit != null;
          commit = window.nextTransaction()) {
        if (!visibility.admits(commit)) {
          return true;
        }
        RecordMaker.Transaction transaction = records.begin(commit);
        for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
          List<StreamRecord> made = new ArrayList<>();
          decoder.decode(row, change -> transaction.accept(change, made::add));
          if (!show(made)) {
            return true;
          }
        }
        List<StreamRecord> end = new ArrayList<>();
        transaction.end(end::add);
        if (!show(end)) {
          return true;
        }
      }
      return window.rows() >= size.rows();
    }
  }

  /** Shows records; returns false if there was no room for all. */
  private boolean show(List<StreamRecord> made) {
    for (StreamRecord streamRecord : made) {
      shownBytes += streamRecord.payload().length;
      if (shown.size() == limit || (shownBytes > MAX_BYTES && !shown.isEmpty())) {
        return false;
      }
      shown.add(streamRecord);
    }
    return true;
  }

  /** An outbox's payload need not be text. */
  private Map<String, Object> fields(StreamRecord streamRecord) {
    byte[] payload = streamRecord.payload();
    String text = Utf8.text(payload);
    return new Fields()
        .put("stream", streamRecord.stream() == 0 ? null : streams.get(streamRecord.stream()))
        .put("partitionKey", streamRecord.partitionKey())
        .text("commitLsn", streamRecord.commitLsn())
        .put("ordinal", streamRecord.ordinal())
        .put("data", text)
        .put("dataBase64", text == null ? Base64.getEncoder().encodeToString(payload) : null)
        .map();
  }
}

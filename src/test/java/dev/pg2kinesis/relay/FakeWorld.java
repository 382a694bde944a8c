package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.watermark.Watermark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What outlives the processes: a slot, a stream, the watermark's parameter, and a clock turned by
 * hand. Each run is a new process of 60 seconds, of which the last five are its reserve.
 */
class FakeWorld {

  private static final long RUN_MILLIS = 60_000;
  private static final long RESERVE_MILLIS = 5_000;

  final FakeSlot slot = new FakeSlot();
  final List<StreamRecord> stream = new ArrayList<>();
  FakePublisher.Script script = FakePublisher.Script.NOTHING;
  FakeWatermark.@Nullable Parameter parameter;
  private long now = Instant.parse("2026-01-02T03:05:00Z").toEpochMilli();
  private long end;

  /** A new process: what the last one held in memory is gone. */
  RelayBuilder process(Life life) {
    end = now + RUN_MILLIS;
    slot.life = life;
    FakeWatermark.Parameter stored = parameter;
    return RelayBuilder.over(slot, publisher(life))
        .records(records())
        .watermark(stored == null ? Watermark.NONE : new FakeWatermark(stored, life))
        .window(1_000, 1 << 20)
        .deadline(() -> end - now, RESERVE_MILLIS)
        .clock(() -> Instant.ofEpochMilli(now));
  }

  Publisher publisher(Life life) {
    return new FakePublisher(stream, life, script);
  }

  RecordMaker records() {
    return AllChanges.in(Format.CSV);
  }

  /** Which table of the schema public a row is in. */
  String tableOf(int id) {
    return "t";
  }

  RunReport poll() {
    return process(Life.unlimited()).poll();
  }

  RunReport drain() {
    return process(Life.unlimited()).drain();
  }

  FakeWatermark.Parameter withWatermark() {
    FakeWatermark.Parameter stored = new FakeWatermark.Parameter(slot.confirmed());
    parameter = stored;
    return stored;
  }

  void pass(long millis) {
    now += millis;
  }

  /** Only the reserve is left of the process's time. */
  void passToReserve() {
    now = end - RESERVE_MILLIS;
  }

  /** Eight transactions of two changes; the rows 0 to 3, four times each. */
  List<Lsn> someTransactions() {
    List<Lsn> commits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      commits.add(slot.commit(this::tableOf, i % 4, (i + 1) % 4));
      slot.foreignWal(100);
    }
    return commits;
  }

  /** The changes that are on the stream. */
  Set<String> identities() {
    Set<String> identities = new HashSet<>();
    stream.forEach(r -> identities.add(identity(r)));
    return identities;
  }

  static String identity(StreamRecord r) {
    return r.commitLsn() + ":" + r.ordinal();
  }
}

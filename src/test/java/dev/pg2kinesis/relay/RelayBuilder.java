package dev.pg2kinesis.relay;

import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.window.Spill;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One run over a slot, with ample bounds unless a test says otherwise. */
public final class RelayBuilder {

  private final Slot slot;
  private final Publisher publisher;
  private RecordMaker records = AllChanges.in(Format.DEBEZIUM);
  private Watermark watermark = Watermark.NONE;
  private Snapshot snapshot = Snapshot.NONE;
  private Visibility visibility = Visibility.ANY;
  private WindowSize size = WindowSize.of(1_000_000, 1L << 30);
  private Spill spill = new Spill(1 << 20, Path.of(System.getProperty("java.io.tmpdir")));
  private Deadline deadline = new Deadline(() -> 300_000, Duration.ofSeconds(1));
  private InstantSource clock = InstantSource.system();
  private @Nullable LockFence fence;

  private RelayBuilder(Slot slot, Publisher publisher) {
    this.slot = slot;
    this.publisher = publisher;
  }

  public static RelayBuilder over(Slot slot, Publisher publisher) {
    return new RelayBuilder(slot, publisher);
  }

  public RelayBuilder records(RecordMaker other) {
    records = other;
    return this;
  }

  public RelayBuilder watermark(Watermark other) {
    watermark = other;
    return this;
  }

  public RelayBuilder snapshot(Snapshot other) {
    snapshot = other;
    return this;
  }

  RelayBuilder visibility(Visibility other) {
    visibility = other;
    return this;
  }

  public RelayBuilder window(long rows, long walBytes) {
    size = WindowSize.of(rows, walBytes);
    return this;
  }

  public RelayBuilder spillingAfter(long bytes) {
    spill = new Spill(bytes, spill.directory());
    return this;
  }

  public RelayBuilder spillingInto(Path directory) {
    spill = new Spill(spill.thresholdBytes(), directory);
    return this;
  }

  public RelayBuilder deadline(LongSupplier remainingMillis, long reserveMillis) {
    deadline = new Deadline(remainingMillis, Duration.ofMillis(reserveMillis));
    return this;
  }

  /** What the publisher was opened with. */
  public RelayBuilder fence(LockFence other) {
    fence = other;
    return this;
  }

  RelayBuilder clock(InstantSource other) {
    clock = other;
    return this;
  }

  public RunReport poll() {
    return run(Mode.POLL);
  }

  RunReport drain() {
    return run(Mode.DRAIN);
  }

  RunReport run(Mode mode) {
    LockFence asked = fence == null ? new LockFence(slot, deadline, clock) : fence;
    WindowPublisher windows =
        new WindowPublisher(
            slot, records, publisher, asked, snapshot, visibility, spill, deadline, clock);
    return new Relay(slot, windows, watermark, snapshot, size, deadline, clock).run(mode);
  }
}

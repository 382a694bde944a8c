package dev.pg2kinesis.command;

import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.Destinations;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Masker;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.publish.Fence;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.kinesis.OpenStreams;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.LockFence;
import dev.pg2kinesis.relay.Mode;
import dev.pg2kinesis.relay.Relay;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.relay.Visibility;
import dev.pg2kinesis.relay.VisibleOnly;
import dev.pg2kinesis.relay.WindowPublisher;
import dev.pg2kinesis.relay.WindowSize;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.snapshot.SnapshotRefusedException;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotStore;
import dev.pg2kinesis.watermark.ParameterWatermark;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.watermark.WatermarkException;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.SpillException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The commands of one invocation: brings database, stream and settings together for each. */
public final class Commands {

  /** The rows of a snapshot's chunk take at most this share of the heap. */
  private static final int CHUNK_SHARE_OF_HEAP = 16;

  private final Environment environment;
  private final Settings settings;
  private final Deadline deadline;
  private final long invocationMillis;
  private final InstantSource clock;
  private final Observer observer;

  /**
   * @param deadline when the function is stopped
   * @param invocationMillis milliseconds that the whole invocation has
   */
  public Commands(
      Environment environment,
      Deadline deadline,
      long invocationMillis,
      InstantSource clock,
      Observer observer) {
    this.environment = environment;
    this.settings = environment.settings();
    this.deadline = deadline;
    this.invocationMillis = invocationMillis;
    this.clock = clock;
    this.observer = observer;
  }

  /**
   * Carries a command out.
   *
   * @return the fields of its result
   */
  public Map<String, Object> run(Command command) {
    try {
      return command.run(this);
    } catch (CodedException e) {
      observer.failed(e, isUnhealthy(e));
      throw e;
    }
  }

  /** Whether the failure is counted as the pipeline's; not if the slot is only busy. */
  private static boolean isUnhealthy(CodedException failure) {
    return failure instanceof SlotException slot
        ? slot.code() != SlotException.Code.BUSY
        : failure instanceof UndecodableException
            || failure instanceof WatermarkException
            || failure instanceof SpillException;
  }

  Map<String, Object> poll(Command.Poll command) {
    return relay(command, Mode.POLL, command.acceptGap());
  }

  Map<String, Object> drain(Command.Drain command) {
    return relay(command, Mode.DRAIN, command.acceptGap());
  }

  private Map<String, Object> relay(Command command, Mode mode, Optional<Lsn> acceptGap) {
    settings.limits().requireTime(invocationMillis);
    Instant started = clock.instant();
    RunReport report;
    try {
      report = run(mode, acceptGap.orElse(null));
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.BUSY) {
        throw e;
      }
      report = RunReport.busy(Duration.between(started, clock.instant()));
    }
    Map<String, Object> result = RunFields.of(command.action(), report);
    observer.finished(command.action(), report);
    return result;
  }

  private RunReport run(Mode mode, @Nullable Lsn acceptGap) {
    try (OpenSlot open = openSlot()) {
      return run(mode, acceptGap, open, new LockFence(open, sending(), clock));
    }
  }

  private RunReport run(Mode mode, @Nullable Lsn acceptGap, OpenSlot open, LockFence fence) {
    try (OpenStreams streams = openStreams(fence)) {
      Watermark watermark = watermark(open, acceptGap);
      RecordMaker records = recordMaker(open, streams);
      Snapshot snapshot = snapshot(open, records);
      WindowPublisher windows =
          new WindowPublisher(
              open,
              records,
              streams.publisher(),
              fence,
              snapshot,
              visibility(open),
              spill(),
              reading(),
              clock);
      return new Relay(open, windows, watermark, snapshot, firstWindow(), reading(), clock)
          .run(mode);
    }
  }

  Map<String, Object> peek(Command.Peek command) {
    try (OpenSlot open = openSlot();
        OpenStreams streams = openStreams(sending()::leftMillis)) {
      return new PeekCommand(
              open,
              recordMaker(open, streams),
              settings.routes().streams(),
              firstWindow(),
              reading(),
              spill(),
              visibility(open),
              command.limit())
          .result();
    }
  }

  Map<String, Object> status() {
    return new StatusCommand(
            settings,
            environment.database(),
            environment.streams(),
            parameter(),
            snapshotStore(),
            deadline,
            clock)
        .answer();
  }

  Map<String, Object> createSlot(Command.CreateSlot command) {
    return audited(slotCommand().create(command));
  }

  Map<String, Object> dropSlot(Command.DropSlot command) {
    return audited(slotCommand().drop(command));
  }

  private SlotCommand slotCommand() {
    return new SlotCommand(settings, environment.database(), deadline);
  }

  private Map<String, Object> audited(Map<String, Object> result) {
    observer.audit(result);
    return result;
  }

  Map<String, Object> snapshot(Command.Snapshot command) {
    SnapshotStore store = snapshotStore();
    if (store == null) {
      throw new SnapshotRefusedException(
          "a snapshot keeps its progress beside the watermark. Set WATERMARK_PARAMETER.");
    }
    try (OpenSlot open = openSlot()) {
      if (!command.stop() && open.timeline(null).standby()) {
        throw new SnapshotRefusedException(
            "the server is a standby, which does not tell which transactions are in progress, so its"
                + " rows cannot be put at their place among the changes. Load tables with a function"
                + " that reads a slot of the writer.");
      }
      return audited(
          new SnapshotCommand(open, store, settings.output().filter(), clock).run(command));
    }
  }

  /**
   * What the run loads from the tables, if a snapshot was started and is not done. On a standby it
   * waits for the writer.
   */
  private Snapshot snapshot(Slot slot, RecordMaker records) {
    SnapshotStore store = snapshotStore();
    SnapshotState state = store == null ? null : store.read();
    if (store == null || state == null || state.next() == null || slot.timeline(null).standby()) {
      return Snapshot.NONE;
    }
    return new SnapshotRun(
        slot.tables(),
        state,
        records,
        next -> {
          slot.checkLock(LockFence.PATIENCE);
          store.write(next);
        },
        new RunClock(reading()::leftMillis),
        Runtime.getRuntime().maxMemory() / CHUNK_SHARE_OF_HEAP);
  }

  private Visibility visibility(Slot slot) {
    return settings.output().visible()
        ? new VisibleOnly(
            slot.tables(),
            () -> slot.timeline(null).standby(),
            new RunClock(reading()::leftMillis)::pause)
        : Visibility.ANY;
  }

  private @Nullable SnapshotStore snapshotStore() {
    String name = settings.watermarkParameter();
    return name == null ? null : SnapshotStore.beside(name, environment.aws());
  }

  Map<String, Object> skip(Command.Skip command) {
    try (OpenSlot open = openSlot()) {
      return new SkipCommand(
              open, watermark(open, null), firstWindow(), reading(), spill(), observer::audit)
          .to(command.to());
    }
  }

  /** A slot, and the name of its database; tells the observer of every position that is read. */
  private static final class OpenSlot extends ForwardingSlot {

    private final String databaseName;
    private final Observer observer;

    OpenSlot(Slot slot, String databaseName, Observer observer) {
      super(slot);
      this.databaseName = databaseName;
      this.observer = observer;
    }

    @Override
    public Position position() {
      Position position = super.position();
      observer.position(position);
      return position;
    }
  }

  private OpenSlot openSlot() {
    return environment
        .database()
        .open(to -> new OpenSlot(environment.openSlot(to, deadline.left()), to.name(), observer));
  }

  /** Sending stops halfway through the reserve; the other half is for advancing the slot. */
  private Deadline sending() {
    return keeping(settings.limits().timeReserveMillis() / 2);
  }

  private OpenStreams openStreams(Fence fence) {
    return OpenStreams.open(
        environment.streams(),
        PublisherConfiguration.defaults()
            .withOrdering(settings.output().ordering())
            .withPacking(settings.output().packing())
            .withLanes(settings.limits().lanes()),
        fence);
  }

  /** When reading stops: the rest of the time is for acknowledgements and advancing. */
  private Deadline reading() {
    return keeping(settings.limits().timeReserveMillis());
  }

  private Deadline keeping(long reserveMillis) {
    return deadline.keeping(Duration.ofMillis(reserveMillis));
  }

  private Watermark watermark(Slot slot, @Nullable Lsn acceptGap) {
    VersionedParameter parameter = parameter();
    if (parameter != null) {
      return ParameterWatermark.open(
          parameter,
          slot,
          settings.slotName(),
          String.join(",", settings.publications()),
          acceptGap,
          gap -> observer.audit(new Fields().text("acceptedGap", gap).map()));
    }
    if (acceptGap != null) {
      throw new CommandRefusedException(
          CommandRefusedException.Code.EVENT_INVALID,
          "acceptGap needs WATERMARK_PARAMETER: without a watermark no gap is detected.");
    }
    return Watermark.NONE;
  }

  private @Nullable VersionedParameter parameter() {
    String name = settings.watermarkParameter();
    return name == null ? null : new VersionedParameter(name, environment.aws());
  }

  private RecordMaker recordMaker(OpenSlot slot, OpenStreams streams) {
    Settings.Output output = settings.output();
    Plugin plugin = slot.plugin();
    return new RecordMaker(
        new RecordMaker.Plan(
            output
                .format()
                .formatter(
                    new FormatContext(
                        slot.databaseName,
                        settings.slotName(),
                        Version.CURRENT,
                        plugin.isWal2Json(),
                        output.dms())),
            output.partitionKey(),
            output.filter(),
            output.oversize(),
            new Destinations(settings.routes(), streams.maxRecordBytes()),
            settings.slotName(),
            output.outbox(),
            output.transactionEvents()),
        output.columns(),
        new Masker(environment.maskKey()));
  }

  private WindowSize firstWindow() {
    return WindowSize.of(settings.limits().windowRows(), settings.limits().windowWalBytes());
  }

  private Spill spill() {
    return Spill.within(
        Runtime.getRuntime().maxMemory(),
        settings.limits().spillThresholdBytes(),
        environment.temporaryDirectory());
  }
}

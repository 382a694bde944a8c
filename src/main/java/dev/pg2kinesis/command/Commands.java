package dev.pg2kinesis.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.kinesis.KinesisPublisher;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.Relay;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.relay.WindowSize;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.watermark.ParameterWatermark;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One invocation: brings the database, the stream and the settings together for one command. */
public final class Commands {

  /** What a peek shows at most: Lambda's limit for a result is 6 MB, and it is escaped again. */
  private static final int PEEK_BYTES = 1 << 20;

  private final Settings settings;
  private final DatabaseAccess database;
  private final KinesisStream stream;
  private final AwsClients clients;
  private final Deadline deadline;
  private final InstantSource clock;
  private final Path spillDirectory;

  public Commands(
      Settings settings,
      DatabaseAccess database,
      KinesisStream stream,
      AwsClients clients,
      Deadline deadline,
      InstantSource clock,
      Path spillDirectory) {
    this.settings = settings;
    this.database = database;
    this.stream = stream;
    this.clients = clients;
    this.deadline = deadline;
    this.clock = clock;
    this.spillDirectory = spillDirectory;
  }

  /** {@code poll} and {@code drain}. */
  public RunReport relay(Command command) {
    Instant started = clock.instant();
    try (PostgresSlot slot = openSlot();
        KinesisPublisher publisher = openPublisher()) {
      Relay relay =
          new Relay(
              slot,
              catalog -> Decoders.of(slot.plugin(), catalog),
              records(slot.plugin(), publisher.maxRecordBytes()),
              publisher,
              watermark(slot, command),
              new Relay.Limits(
                  settings.limits().windowRows(),
                  settings.limits().windowWalBytes(),
                  settings.limits().timeReserveMillis(),
                  spillThreshold(),
                  spillDirectory),
              deadline,
              clock);
      return command.action() == Command.Action.DRAIN ? relay.drain() : relay.poll();
    } catch (SlotException e) {
      if (e.code() == SlotException.Code.BUSY) {
        return RunReport.busy(
            command.action().text(), Duration.between(started, clock.instant()).toMillis());
      }
      throw e;
    }
  }

  /** {@code peek}: the next records as they would be published. */
  public Map<String, Object> peek(Command command) {
    try (Slot slot = openSlot();
        KinesisPublisher publisher = openPublisher()) {
      List<StreamRecord> shown = new ArrayList<>();
      boolean more = read(slot, publisher.maxRecordBytes(), command.limit(), shown);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("action", command.action().text());
      result.put("records", shown.stream().map(Commands::fields).toList());
      result.put("more", more);
      return result;
    }
  }

  /**
   * Reads one window without moving the slot.
   *
   * @return whether there may be more than is shown
   */
  private boolean read(Slot slot, int maxRecordBytes, int limit, List<StreamRecord> shown) {
    Slot.Position position = slot.position();
    WindowSize size =
        WindowSize.of(settings.limits().windowRows(), settings.limits().windowWalBytes());
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    RecordMaker records = records(slot.plugin(), maxRecordBytes);
    long millis = deadline.remainingMillis() - settings.limits().timeReserveMillis();
    try (Window window =
        Window.open(
            slot.peek(
                size.upTo(position, position.flush()),
                size.rows(),
                Duration.ofMillis(Math.max(1, millis))),
            Decoders.commitReader(slot.plugin()),
            spillThreshold(),
            spillDirectory)) {
      long bytes = 0;
      for (Commit commit = window.nextTransaction();
          commit != null;
          commit = window.nextTransaction()) {
        RecordMaker.Transaction transaction = records.begin(commit);
        for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
          List<StreamRecord> next = new ArrayList<>();
          decoder.decode(row, change -> transaction.accept(change, next::add));
          for (StreamRecord streamRecord : next) {
            bytes += streamRecord.payload().length;
            if (shown.size() == limit || (bytes > PEEK_BYTES && !shown.isEmpty())) {
              return true;
            }
            shown.add(streamRecord);
          }
        }
      }
      return position.flush().isAfter(size.upTo(position, position.flush()))
          || window.rows() >= size.rows();
    }
  }

  private static Map<String, Object> fields(StreamRecord streamRecord) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("partitionKey", streamRecord.partitionKey());
    fields.put("commitLsn", streamRecord.commitLsn().toString());
    fields.put("ordinal", streamRecord.ordinal());
    fields.put("data", new String(streamRecord.payload(), UTF_8));
    return fields;
  }

  /** {@code skip}: moves the slot over one transaction. */
  public Map<String, Object> skip(Command command, Consumer<Map<String, Object>> log) {
    try (PostgresSlot slot = openSlot()) {
      long millis = deadline.remainingMillis() - settings.limits().timeReserveMillis();
      return new SkipCommand(
              slot,
              Decoders.of(slot.plugin(), slot.catalog()),
              watermark(slot, command),
              new SkipCommand.Bounds(
                  settings.limits().windowRows(),
                  Duration.ofMillis(Math.max(1, millis)),
                  spillThreshold(),
                  spillDirectory),
              log)
          .to(command.to());
    }
  }

  private Watermark watermark(PostgresSlot slot, Command command) {
    String name = settings.watermarkParameter();
    if (name != null) {
      return ParameterWatermark.open(
          new VersionedParameter(name, clients),
          slot,
          settings.slotName(),
          String.join(",", settings.publications()),
          command.acceptGap());
    }
    if (command.acceptGap() != null) {
      throw new Command.InvalidEventException(
          "acceptGap is of no use without WATERMARK_PARAMETER: no gap was found.");
    }
    return Watermark.NONE;
  }

  private long spillThreshold() {
    return Relay.Limits.spillThreshold(
        settings.limits().spillThresholdBytes(), Runtime.getRuntime().maxMemory());
  }

  private PostgresSlot openSlot() {
    return database.open(
        to ->
            PostgresSlot.open(
                to,
                settings.slotName(),
                settings.publications(),
                settings.wal2JsonFormat(),
                Duration.ofMillis(Math.max(1, deadline.remainingMillis()))));
  }

  /** Sending stops halfway through the reserve; the other half is for advancing the slot. */
  private KinesisPublisher openPublisher() {
    long reserve = settings.limits().timeReserveMillis() / 2;
    return KinesisPublisher.open(
        stream,
        PublisherConfiguration.defaults()
            .withOrdering(settings.output().ordering())
            .withPacking(settings.output().packing())
            .withLanes(settings.limits().lanes()),
        () -> deadline.remainingMillis() - reserve);
  }

  private RecordMaker records(Plugin plugin, int maxRecordBytes) {
    Settings.Output output = settings.output();
    return new RecordMaker(
        new RecordMaker.Plan(
            output
                .format()
                .formatter(
                    new FormatContext(
                        database.database().name(),
                        settings.slotName(),
                        Version.CURRENT,
                        plugin.isWal2Json())),
            output.partitionKey(),
            output.filter(),
            output.oversize(),
            maxRecordBytes,
            settings.slotName()));
  }
}

package dev.pg2kinesis.command;

import dev.pg2kinesis.aws.AwsException;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamDescription;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.ServerStatus;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.SlotRow;
import dev.pg2kinesis.slot.StatusRequest;
import dev.pg2kinesis.snapshot.SnapshotRefusedException;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotStore;
import dev.pg2kinesis.watermark.GapCheck;
import dev.pg2kinesis.watermark.ParameterWatermark;
import dev.pg2kinesis.watermark.WatermarkException;
import dev.pg2kinesis.watermark.WatermarkState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code status}: the state of everything that a run needs, in one answer. A part that
 * cannot be asked is left out, and its error is among the findings. Reads only; takes no lock.
 */
final class StatusCommand {

  private final Settings settings;
  private final DatabaseAccess database;
  private final List<KinesisStream> streams;
  private final @Nullable VersionedParameter watermark;
  private final @Nullable SnapshotStore snapshots;
  private final Deadline deadline;
  private final InstantSource clock;

  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param streams the default stream first
   * @param watermark the watermark's parameter, if there is one
   * @param snapshots where a snapshot's state is kept, if there is a watermark
   */
  StatusCommand(
      Settings settings,
      DatabaseAccess database,
      List<KinesisStream> streams,
      @Nullable VersionedParameter watermark,
      @Nullable SnapshotStore snapshots,
      Deadline deadline,
      InstantSource clock) {
    this.settings = settings;
    this.database = database;
    this.streams = streams;
    this.watermark = watermark;
    this.snapshots = snapshots;
    this.deadline = deadline;
    this.clock = clock;
  }

  /** The answer; its {@code outcome} is that of the worst finding. */
  Map<String, Object> answer() {
    WatermarkState remembered = remembered();
    ServerStatus server = server(remembered);
    if (server != null) {
      findings.addAll(ServerFindings.of(server));
      if (remembered != null) {
        checkGap(remembered, server);
      }
    }
    Map<String, StreamDescription> descriptions = descriptions();
    StreamDescription stream = descriptions.remove(streams.get(0).address().text());
    return StatusFields.of(server, stream, descriptions, remembered, snapshot(server), findings);
  }

  private @Nullable Map<String, Object> snapshot(@Nullable ServerStatus server) {
    if (snapshots == null) {
      return null;
    }
    try {
      SnapshotState state = snapshots.read();
      if (state == null) {
        return null;
      }
      if (state.next() != null && server != null && server.server().standby() != null) {
        findings.add(
            Finding.warning(
                "SNAPSHOT_WAITS",
                "tables that are to be loaded wait until PGHOST is a writer: a standby does not tell"
                    + " which transactions are in progress."));
      }
      for (SnapshotState.Table table : state.tables()) {
        if (table.problem() != null) {
          findings.add(
              Finding.warning(
                  "SNAPSHOT_TABLE_FAILED",
                  "table "
                      + table.name()
                      + " was not loaded to its end ("
                      + table.problem()
                      + "). Once that is fixed, start it again with the action snapshot."));
        }
      }
      return SnapshotFields.of(state, clock.instant());
    } catch (AwsException | SnapshotRefusedException e) {
      findings.add(Finding.of(Finding.Severity.WARNING, e));
      return null;
    }
  }

  private @Nullable WatermarkState remembered() {
    if (watermark == null) {
      return null;
    }
    try {
      VersionedParameter.Versioned stored = watermark.read();
      return stored == null ? null : ParameterWatermark.parse(stored);
    } catch (AwsException | WatermarkException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
      return null;
    }
  }

  private @Nullable ServerStatus server(@Nullable WatermarkState remembered) {
    StatusRequest request =
        new StatusRequest(
            settings.slotName(),
            settings.publications(),
            remembered == null ? null : remembered.timeline());
    try {
      return database.open(to -> ServerStatus.read(to, request, deadline.halfLeft()));
    } catch (SlotException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
      return null;
    }
  }

  private void checkGap(WatermarkState remembered, ServerStatus status) {
    SlotRow slot = status.slot();
    if (slot == null || slot.isLost()) {
      return;
    }
    Lsn confirmed = slot.confirmed();
    Lsn restart = slot.restart();
    if (confirmed == null || restart == null) {
      return;
    }
    Slot.Position position =
        new Slot.Position(
            confirmed, restart, status.server().flush(), String.valueOf(slot.walStatus()));
    try {
      GapCheck.check(
          remembered,
          new GapCheck.Found(slot.name(), remembered.reads(), status.timeline(), position),
          null);
    } catch (WatermarkException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
    }
  }

  /** The streams that could be described, by the names or ARNs of the settings. */
  private Map<String, StreamDescription> descriptions() {
    Map<String, StreamDescription> descriptions = new LinkedHashMap<>();
    for (KinesisStream stream : streams) {
      String name = stream.address().text();
      try {
        descriptions.put(name, stream.description());
      } catch (PublishException e) {
        // A role may be allowed to write to a stream and not to describe it.
        boolean denied = e.code() == PublishException.Code.STREAM_ACCESS_DENIED;
        findings.add(
            Finding.of(
                denied ? Finding.Severity.WARNING : Finding.Severity.ERROR,
                streams.size() == 1 ? e : e.at(name)));
      }
    }
    return descriptions;
  }
}

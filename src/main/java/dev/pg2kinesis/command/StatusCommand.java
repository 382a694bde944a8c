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
import dev.pg2kinesis.slot.Timeline;
import dev.pg2kinesis.watermark.GapCheck;
import dev.pg2kinesis.watermark.ParameterWatermark;
import dev.pg2kinesis.watermark.WatermarkState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code status}: how everything that a run needs is doing, in one answer. A part that
 * cannot be asked is left out and its error is among the findings. Reads only; takes no lock.
 */
public final class StatusCommand {

  private final Settings settings;
  private final DatabaseAccess database;
  private final KinesisStream stream;
  private final @Nullable VersionedParameter watermark;
  private final Deadline deadline;

  private final Map<String, Object> answer = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param watermark the watermark's parameter, where there is one
   */
  public StatusCommand(
      Settings settings,
      DatabaseAccess database,
      KinesisStream stream,
      @Nullable VersionedParameter watermark,
      Deadline deadline) {
    this.settings = settings;
    this.database = database;
    this.stream = stream;
    this.watermark = watermark;
    this.deadline = deadline;
  }

  /** The answer; its {@code outcome} is that of the worst finding. */
  public Map<String, Object> answer() {
    answer.put("action", Command.Action.STATUS.text());
    answer.put("outcome", "");
    WatermarkState remembered = remembered();
    database(remembered);
    stream();
    if (remembered != null) {
      answer.put("watermark", remembered.node());
    }
    answer.put("outcome", outcome());
    answer.put("findings", findings.stream().map(Finding::fields).toList());
    return answer;
  }

  private String outcome() {
    Finding.Severity worst = Finding.Severity.INFO;
    for (Finding finding : findings) {
      worst = finding.severity().compareTo(worst) > 0 ? finding.severity() : worst;
    }
    return switch (worst) {
      case INFO -> "HEALTHY";
      case WARNING -> "WARNING";
      case ERROR -> "BROKEN";
    };
  }

  private @Nullable WatermarkState remembered() {
    if (watermark == null) {
      return null;
    }
    try {
      VersionedParameter.Versioned stored = watermark.read();
      return stored == null ? null : ParameterWatermark.parsed(stored);
    } catch (AwsException | SlotException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
      return null;
    }
  }

  private void database(@Nullable WatermarkState remembered) {
    ServerStatus status;
    try {
      status =
          database.open(
              to ->
                  ServerStatus.read(
                      to,
                      new StatusRequest(
                          settings.slotName(),
                          settings.publications(),
                          remembered == null ? null : remembered.timeline()),
                      Duration.ofMillis(Math.max(1, deadline.remainingMillis() / 2))));
    } catch (SlotException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
      return;
    }
    answer.put("server", server(status.server()));
    answer.put("role", role(status.role()));
    SlotRow slot = status.slot();
    if (slot != null) {
      answer.put("slot", slot(status, slot));
    }
    answer.put(
        "publications", status.publications().stream().map(StatusCommand::publication).toList());
    answer.put("tablesWithoutIdentity", status.tablesWithoutIdentity());
    answer.put(
        "transactions", status.transactions().stream().map(StatusCommand::transaction).toList());
    findings.addAll(ServerFindings.of(status));
    if (remembered != null) {
      gap(remembered, status);
    }
  }

  private void gap(WatermarkState remembered, ServerStatus status) {
    SlotRow slot = status.slot();
    Timeline timeline = status.timeline();
    if (slot == null || slot.isLost() || timeline == null) {
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
          new GapCheck.Found(slot.name(), remembered.reads(), timeline, position),
          null);
    } catch (SlotException e) {
      findings.add(Finding.of(Finding.Severity.ERROR, e));
    }
  }

  private static Map<String, Object> server(ServerStatus.Server server) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("version", server.version());
    fields.put("inRecovery", server.inRecovery());
    fields.put("walLevel", server.walLevel());
    fields.put("systemIdentifier", server.systemIdentifier());
    put(fields, "timeline", server.timeline());
    fields.put("flushLsn", server.flush().toString());
    put(fields, "maxSlotWalKeepMegabytes", server.keepMegabytes());
    put(fields, "outputPluginLibraries", server.pluginLibraries());
    fields.put("replicationSlots", server.slots());
    fields.put("maxReplicationSlots", server.maxSlots());
    return fields;
  }

  private static Map<String, Object> role(ServerStatus.Role role) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", role.name());
    fields.put("superuser", role.superuser());
    fields.put("replication", role.replication());
    return fields;
  }

  private static Map<String, Object> slot(ServerStatus status, SlotRow slot) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", slot.name());
    fields.put("type", slot.type());
    put(fields, "plugin", slot.plugin());
    put(fields, "database", slot.database());
    put(fields, "activePid", slot.activePid());
    put(fields, "confirmedLsn", slot.confirmed());
    put(fields, "restartLsn", slot.restart());
    if (slot.confirmed() != null) {
      fields.put("lagBytes", status.server().flush().bytesSince(slot.confirmed()));
    }
    fields.put("retainedBytes", ServerFindings.retainedBytes(status, slot));
    put(fields, "walStatus", slot.walStatus());
    put(fields, "safeWalBytes", slot.safeWalBytes());
    put(fields, "invalidationReason", slot.invalidation());
    put(fields, "failover", slot.failover());
    put(fields, "synced", slot.synced());
    return fields;
  }

  private static Map<String, Object> publication(ServerStatus.Publication publication) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", publication.name());
    fields.put("exists", publication.tables() != null);
    put(fields, "tables", publication.tables());
    return fields;
  }

  private static Map<String, Object> transaction(ServerStatus.OpenTransaction open) {
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, "pid", open.pid());
    put(fields, "preparedAs", open.preparedAs());
    put(fields, "database", open.database());
    fields.put("ageSeconds", open.seconds());
    fields.put("state", open.state());
    return fields;
  }

  private void stream() {
    try {
      StreamDescription description = stream.description();
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", description.name());
      fields.put("status", description.status());
      fields.put("mode", description.mode());
      fields.put("openShards", description.openShards());
      fields.put("maxRecordBytes", description.maxRecordBytes());
      fields.put("encryption", description.encryption());
      answer.put("stream", fields);
    } catch (PublishException e) {
      // A role may be allowed to write to a stream and not to describe it.
      findings.add(
          Finding.of(
              e.code() == PublishException.Code.STREAM_ACCESS_DENIED
                  ? Finding.Severity.WARNING
                  : Finding.Severity.ERROR,
              e));
    }
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.put(
          name, value instanceof Number || value instanceof Boolean ? value : value.toString());
    }
  }
}

package dev.pg2kinesis.command;

import dev.pg2kinesis.publish.kinesis.StreamDescription;
import dev.pg2kinesis.slot.ServerStatus;
import dev.pg2kinesis.slot.SlotRow;
import dev.pg2kinesis.slot.Standby;
import dev.pg2kinesis.watermark.WatermarkState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the answer of {@code status} together. Pure. */
final class StatusFields {

  private StatusFields() {}

  /**
   * The answer; a part that is null could not be asked, or does not exist.
   *
   * @param routed the streams of {@code ROUTES}, by name or ARN
   */
  static Map<String, Object> of(
      @Nullable ServerStatus server,
      @Nullable StreamDescription stream,
      Map<String, StreamDescription> routed,
      @Nullable WatermarkState watermark,
      @Nullable Map<String, Object> snapshot,
      List<Finding> findings) {
    Fields fields =
        new Fields().put("action", Command.Action.STATUS.text()).put("outcome", outcome(findings));
    if (server != null) {
      SlotRow slot = server.slot();
      fields
          .put("server", server(server.server(), server.timeline().id()))
          .put("role", role(server.role()))
          .put("slot", slot == null ? null : slot(server, slot))
          .put(
              "publications",
              server.publications().stream().map(StatusFields::publication).toList())
          .put("tablesWithoutIdentity", server.tablesWithoutIdentity())
          .put(
              "transactions",
              server.transactions().stream().map(StatusFields::transaction).toList());
    }
    return fields
        .put("stream", stream == null ? null : stream(stream))
        .put("routedStreams", routed.isEmpty() ? null : routed(routed))
        .put("watermark", watermark == null ? null : watermark.fields())
        .put("snapshot", snapshot)
        .put("findings", findings.stream().map(Finding::fields).toList())
        .map();
  }

  private static String outcome(List<Finding> findings) {
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

  private static Map<String, Object> server(ServerStatus.Server server, long timeline) {
    Standby standby = server.standby();
    return new Fields()
        .put("version", server.version())
        .put("inRecovery", standby != null)
        .put("hotStandbyFeedback", standby == null ? null : standby.feedback())
        .put("walLevel", server.walLevel())
        .put("systemIdentifier", server.systemIdentifier())
        .put("timeline", timeline)
        .text("flushLsn", server.flush())
        .put("maxSlotWalKeepMegabytes", server.limits().keepMegabytes())
        .put("idleSlotTimeoutSeconds", server.limits().idleSeconds())
        .put("outputPluginLibraries", server.pluginLibraries())
        .put("replicationSlots", server.slots())
        .put("maxReplicationSlots", server.maxSlots())
        .map();
  }

  private static Map<String, Object> role(ServerStatus.Role role) {
    return new Fields()
        .put("name", role.name())
        .put("superuser", role.superuser())
        .put("replication", role.replication())
        .map();
  }

  private static Map<String, Object> slot(ServerStatus status, SlotRow slot) {
    return new Fields()
        .put("name", slot.name())
        .put("type", slot.type())
        .put("plugin", slot.plugin())
        .put("database", slot.database())
        .put("activePid", slot.activePid())
        .text("confirmedLsn", slot.confirmed())
        .text("restartLsn", slot.restart())
        .put(
            "lagBytes",
            slot.confirmed() == null ? null : status.server().flush().bytesSince(slot.confirmed()))
        .put("retainedBytes", ServerFindings.retainedBytes(status, slot))
        .put("walStatus", slot.walStatus())
        .put("safeWalBytes", slot.safeWalBytes())
        .put("invalidationReason", slot.invalidation())
        .put("failover", slot.failover())
        .put("synced", slot.synced())
        .map();
  }

  private static Map<String, Object> publication(ServerStatus.Publication publication) {
    return new Fields()
        .put("name", publication.name())
        .put("exists", publication.tables() != null)
        .put("tables", publication.tables())
        .map();
  }

  private static Map<String, Object> transaction(ServerStatus.OpenTransaction open) {
    return new Fields()
        .put("pid", open.pid())
        .put("preparedAs", open.preparedAs())
        .put("database", open.database())
        .put("ageSeconds", open.seconds())
        .put("state", open.state())
        .map();
  }

  private static Map<String, Object> routed(Map<String, StreamDescription> streams) {
    Fields fields = new Fields();
    streams.forEach((name, description) -> fields.put(name, stream(description)));
    return fields.map();
  }

  private static Map<String, Object> stream(StreamDescription stream) {
    return new Fields()
        .put("name", stream.name())
        .put("status", stream.status())
        .put("mode", stream.mode())
        .put("openShards", stream.openShards())
        .put("maxRecordBytes", stream.maxRecordBytes())
        .put("encryption", stream.encryption())
        .map();
  }
}

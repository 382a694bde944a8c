package dev.pg2kinesis.command;

import dev.pg2kinesis.command.CommandRefusedException.Code;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.SlotAdmin;
import dev.pg2kinesis.slot.SlotRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The commands {@code create-slot} and {@code drop-slot}. */
final class SlotCommand {

  /** Time to report a statement that ran into its limit. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  private final Settings settings;
  private final DatabaseAccess database;
  private final Deadline deadline;

  /**
   * @param deadline when the function is stopped
   */
  SlotCommand(Settings settings, DatabaseAccess database, Deadline deadline) {
    this.settings = settings;
    this.database = database;
    this.deadline = deadline.keeping(RESERVE);
  }

  /** Creates the slot; {@code EXISTS} if there is one as wanted already. */
  Map<String, Object> create(Command.CreateSlot command) {
    SlotAdmin.Wanted wanted =
        new SlotAdmin.Wanted(
            settings.slotName(),
            command.plugin().orElse(null),
            command.failover().orElse(null),
            settings.publications());
    SlotAdmin.Created created = database.open(to -> SlotAdmin.create(to, wanted, deadline.left()));
    List<Finding> findings = new ArrayList<>(ServerFindings.of(created.limits()));
    findings.addAll(ServerFindings.of(created.standby()));
    return result(command, created.created() ? "CREATED" : "EXISTS", created.slot())
        .put(
            "findings", findings.isEmpty() ? null : findings.stream().map(Finding::fields).toList())
        .map();
  }

  /** Drops the slot that the event confirms by its name; {@code MISSING} if there is none. */
  Map<String, Object> drop(Command.DropSlot command) {
    String slotName = settings.slotName();
    if (!slotName.equals(command.confirm())) {
      throw new CommandRefusedException(
          Code.NOT_CONFIRMED,
          "nothing was dropped. Dropping the slot loses every change that is not published yet. To"
              + " drop it, repeat the name in SLOT_NAME:"
              + " {\"action\":\"drop-slot\",\"confirm\":\""
              + slotName
              + "\"}.");
    }
    Optional<SlotRow> dropped = database.open(to -> SlotAdmin.drop(to, slotName, deadline.left()));
    return result(command, dropped.isPresent() ? "DROPPED" : "MISSING", dropped.orElse(null)).map();
  }

  private Fields result(Command command, String outcome, @Nullable SlotRow slot) {
    Fields fields =
        new Fields()
            .put("action", command.action().text())
            .put("outcome", outcome)
            .put("slot", settings.slotName());
    if (slot != null) {
      fields
          .put("plugin", slot.plugin())
          .put("database", slot.database())
          .put("failover", slot.failover())
          .text("confirmedLsn", slot.confirmed());
    }
    return fields;
  }
}

package dev.pg2kinesis.command;

import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.slot.SlotAdmin;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.SlotException.Code;
import dev.pg2kinesis.slot.SlotRow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The commands {@code create-slot} and {@code drop-slot}. */
public final class SlotCommands {

  private final DatabaseAccess database;
  private final String slotName;
  private final List<String> publications;
  private final Deadline deadline;

  public SlotCommands(
      DatabaseAccess database, String slotName, List<String> publications, Deadline deadline) {
    this.database = database;
    this.slotName = slotName;
    this.publications = publications;
    this.deadline = deadline;
  }

  /** Creates the slot; {@code EXISTS} if there is one that is just so. */
  public Map<String, Object> create(Command command) {
    SlotAdmin.Wanted wanted =
        new SlotAdmin.Wanted(slotName, command.plugin(), command.failover(), publications);
    SlotAdmin.Created created = database.open(to -> SlotAdmin.create(to, wanted, life()));
    return result(command, created.created() ? "CREATED" : "EXISTS", created.slot());
  }

  /** Drops the slot that the event confirms by its name; {@code MISSING} if there is none. */
  public Map<String, Object> drop(Command command) {
    if (!slotName.equals(command.confirm())) {
      throw new SlotException(
          Code.NOT_CONFIRMED,
          "nothing was dropped. With the slot goes every change that is not published yet. To drop"
              + " it, repeat the name in SLOT_NAME: {\"action\":\"drop-slot\",\"confirm\":\""
              + slotName
              + "\"}.",
          null);
    }
    Optional<SlotRow> dropped = database.open(to -> SlotAdmin.drop(to, slotName, life()));
    return result(command, dropped.isPresent() ? "DROPPED" : "MISSING", dropped.orElse(null));
  }

  private Map<String, Object> result(Command command, String outcome, @Nullable SlotRow slot) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("action", command.action().text());
    result.put("outcome", outcome);
    result.put("slot", slotName);
    if (slot != null) {
      put(result, "plugin", slot.plugin());
      put(result, "database", slot.database());
      put(result, "failover", slot.failover());
      put(result, "confirmedLsn", slot.confirmed() == null ? null : slot.confirmed().toString());
    }
    return result;
  }

  private static void put(Map<String, Object> result, String name, @Nullable Object value) {
    if (value != null) {
      result.put(name, value);
    }
  }

  private Duration life() {
    return Duration.ofMillis(Math.max(1, deadline.remainingMillis() - RESERVE_MILLIS));
  }

  /** For a statement that runs into its limit: the time to say so. */
  private static final long RESERVE_MILLIS = 1_000;
}

package dev.pg2kinesis.command;

import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import dev.pg2kinesis.snapshot.SnapshotStore;
import dev.pg2kinesis.snapshot.SnapshotTables;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code snapshot}: decides which tables the runs that follow load. It reads no rows
 * itself.
 */
final class SnapshotCommand {

  private final Slot slot;
  private final SnapshotStore store;
  private final ChangeFilter filter;
  private final InstantSource clock;

  SnapshotCommand(Slot slot, SnapshotStore store, ChangeFilter filter, InstantSource clock) {
    this.slot = slot;
    this.store = store;
    this.filter = filter;
    this.clock = clock;
  }

  Map<String, Object> run(Command.Snapshot command) {
    SnapshotState before = store.read();
    if (command.stop()) {
      SnapshotState stopped = before == null ? null : before.stopped();
      if (stopped != null) {
        store.write(stopped);
      }
      return result("STOPPED", stopped);
    }
    List<Table> chosen =
        SnapshotTables.chosen(
            command.tables(), slot.tables().candidates(), filter, command.whole());
    SnapshotState after =
        before == null
            ? SnapshotState.begin(clock.instant(), chosen)
            : before.adding(clock.instant(), chosen, command.restart());
    store.begin(after);
    return result("STARTED", after);
  }

  private static Map<String, Object> result(String outcome, @Nullable SnapshotState state) {
    return new Fields()
        .put("action", Command.Action.SNAPSHOT.text())
        .put("outcome", outcome)
        .put("tables", state == null ? List.of() : SnapshotFields.tables(state, null))
        .map();
  }
}

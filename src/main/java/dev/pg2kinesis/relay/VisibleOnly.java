package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admits a transaction only once database snapshots show it. A transaction is decoded as soon as
 * its commit record is flushed, and becomes visible later: its session may still wait for a
 * synchronous standby. A consumer that reads the row back in between would not find it.
 *
 * <p>Two short questions come before each peek. Most transactions are then known to be visible at
 * once, and a run without a peek asks nothing.
 */
public final class VisibleOnly implements Visibility {

  /** About a second in all. */
  private static final List<Duration> PAUSES =
      List.of(5, 10, 20, 40, 80, 160, 200, 200, 200).stream().map(Duration::ofMillis).toList();

  private final TableReader reader;
  private final BooleanSupplier standby;
  private final Consumer<Duration> pause;

  private VisibleTransactions visible = new VisibleTransactions(0, Set.of());
  private @Nullable Long waitsFor;

  /**
   * @param reader of the session that peeks
   * @param standby whether the server is a standby, whose snapshots show what the writer's do not
   * @param pause waits for about as long
   */
  public VisibleOnly(TableReader reader, BooleanSupplier standby, Consumer<Duration> pause) {
    this.reader = reader;
    this.standby = standby;
    this.pause = pause;
  }

  /**
   * {@inheritDoc}
   *
   * @throws SlotException if the server is a standby
   */
  @Override
  public void windowBegins() {
    if (standby.getAsBoolean()) {
      throw new SlotException(
          SlotException.Code.SERVER_IN_RECOVERY,
          "VISIBLE=true needs the writer: a standby does not tell which transactions sessions of the"
              + " writer see. Set PGHOST to the writer, or leave VISIBLE out.",
          null);
    }
    visible = reader.visible();
  }

  @Override
  public boolean admits(Commit commit) {
    boolean admitted = visible.includes(commit.xid());
    waitsFor = admitted ? null : commit.xid();
    return admitted;
  }

  @Override
  public boolean await(Deadline deadline) {
    Long xid = waitsFor;
    for (Duration next : PAUSES) {
      if (xid == null || reader.visible().includes(xid)) {
        waitsFor = null;
        return true;
      }
      if (deadline.passed()) {
        break;
      }
      pause.accept(next);
    }
    return false;
  }

  @Override
  public @Nullable Long waitsFor() {
    return waitsFor;
  }
}

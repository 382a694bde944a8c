package dev.pg2kinesis.command;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.command.CommandRefusedException.Code;
import dev.pg2kinesis.decode.DecodeException;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.WindowSize;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.slot.UndecodableTransaction;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code skip}: moves the slot over one transaction without publishing it, for the
 * transaction that cannot be published, or not even be decoded. It must be named by its exact
 * commit LSN and be the next one that has any changes.
 */
final class SkipCommand {

  private final Slot slot;
  private final Watermark watermark;
  private final WindowSize size;
  private final Deadline deadline;
  private final Spill spill;
  private final Consumer<Map<String, Object>> audit;
  private final Decoder decoder;

  private final Map<String, Map<String, Long>> tables = new TreeMap<>();
  private long changes;
  private long unreadableRows;

  /**
   * @param audit is told what will be skipped before it is, because the result may not arrive
   */
  SkipCommand(
      Slot slot,
      Watermark watermark,
      WindowSize size,
      Deadline deadline,
      Spill spill,
      Consumer<Map<String, Object>> audit) {
    this.slot = slot;
    this.watermark = watermark;
    this.size = size;
    this.deadline = deadline;
    this.spill = spill;
    this.audit = audit;
    this.decoder = Decoders.of(slot.plugin(), slot.catalog());
  }

  /**
   * Skips the transaction that ends at {@code commitLsn}.
   *
   * @throws CommandRefusedException {@code SKIP_REFUSED} if it is not the next
   */
  Map<String, Object> to(Lsn commitLsn) {
    Slot.Position position = slot.position();
    if (!commitLsn.isAfter(position.confirmed())) {
      throw refused(
          "the slot is at "
              + position.confirmed()
              + ", and the transaction that ends at "
              + commitLsn
              + " is behind it");
    }
    Map<String, Object> result = result(position, commitLsn, transaction(commitLsn));
    audit.accept(result);
    watermark.beforeAdvance(commitLsn, null);
    slot.advance(commitLsn);
    return result;
  }

  /** What is known of the transaction that ends there, if it is the next one. */
  private Fields transaction(Lsn commitLsn) {
    try {
      Commit commit = next(commitLsn);
      if (commit == null) {
        throw refused("no transaction ends at " + commitLsn);
      }
      requireEqual(commit.lsn(), commitLsn);
      return new Fields().put("xid", commit.xid()).text("commitTime", commit.time());
    } catch (UndecodableException e) {
      return undecodable(e, commitLsn);
    }
  }

  private Fields undecodable(UndecodableException failure, Lsn commitLsn) {
    UndecodableTransaction found = slot.findUndecodable(failure, commitLsn, deadline.left());
    if (found == null) {
      throw failure.withoutTransaction();
    }
    Commit before = next(found.before());
    requireEqual(before == null ? found.commit() : before.lsn(), commitLsn);
    return new Fields()
        .put("xid", found.xid())
        .put("sqlState", failure.sqlState())
        .put("table", found.table());
  }

  private static void requireEqual(Lsn next, Lsn commitLsn) {
    if (!next.equals(commitLsn)) {
      throw refused("the next transaction ends at " + next + ", and not at " + commitLsn);
    }
  }

  /**
   * The first transaction in a peek that has changes or ends at the peek's bound; null if there is
   * none. Counts what it holds.
   */
  private @Nullable Commit next(Lsn upTo) {
    try (Window window =
        Window.open(
            slot.peek(upTo, size.rows(), deadline.left()),
            Decoders.commitReader(slot.plugin()),
            spill)) {
      for (Commit commit = window.nextTransaction();
          commit != null && !commit.lsn().isAfter(upTo);
          commit = window.nextTransaction()) {
        count(window);
        if (commit.lsn().equals(upTo) || changes > 0 || unreadableRows > 0) {
          return commit;
        }
      }
    }
    return null;
  }

  /** Counts what the transaction holds, whether it can be decoded or not. */
  private void count(Window window) {
    for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
      try {
        decoder.decode(row, this::count);
      } catch (DecodeException e) {
        unreadableRows++;
      }
    }
  }

  private void count(Change change) {
    changes++;
    TableName table = change.table();
    tables
        .computeIfAbsent(table == null ? "(messages)" : table.toString(), name -> new TreeMap<>())
        .merge(change.operation().name().toLowerCase(Locale.ROOT), 1L, Long::sum);
  }

  private Map<String, Object> result(Slot.Position position, Lsn commitLsn, Fields transaction) {
    return new Fields()
        .put("action", Command.Action.SKIP.text())
        .put("outcome", "SKIPPED")
        .putAll(transaction)
        .text("fromLsn", position.confirmed())
        .text("toLsn", commitLsn)
        .put("changes", changes)
        .put("unreadableRows", unreadableRows)
        .put("tables", tables)
        .map();
  }

  static CommandRefusedException refused(String reason) {
    return new CommandRefusedException(
        Code.SKIP_REFUSED,
        reason
            + ". Nothing was skipped. Only the transaction that stops the runs can be skipped: poll,"
            + " and take its commit LSN from the error.");
  }
}

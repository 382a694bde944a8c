package dev.pg2kinesis.command;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.decode.DecodeException;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.watermark.Watermark;
import dev.pg2kinesis.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code skip}: moves the slot over one transaction without publishing it, for the one
 * that cannot be published. It must be named by its exact commit LSN and be the next that has any
 * changes.
 */
final class SkipCommand {

  private final Slot slot;
  private final Decoder decoder;
  private final Watermark watermark;
  private final Bounds bounds;
  private final Consumer<Map<String, Object>> log;

  private final Map<String, Map<String, Long>> tables = new TreeMap<>();
  private long changes;
  private long unreadableRows;

  /**
   * Bounds of the one peek.
   *
   * @param rows rows after which no further transaction is looked at
   * @param timeout how long it may take
   * @param spillThreshold bytes of rows that wait in memory
   * @param spillDirectory where the others wait
   */
  record Bounds(long rows, Duration timeout, long spillThreshold, Path spillDirectory) {}

  /**
   * @param decoder a fresh one
   * @param log is told what will be skipped before it is, as an answer may not arrive
   */
  SkipCommand(
      Slot slot,
      Decoder decoder,
      Watermark watermark,
      Bounds bounds,
      Consumer<Map<String, Object>> log) {
    this.slot = slot;
    this.decoder = decoder;
    this.watermark = watermark;
    this.bounds = bounds;
    this.log = log;
  }

  /**
   * Skips the transaction that ends there.
   *
   * @throws SlotException {@code SKIP_REFUSED} if it is not the next
   */
  Map<String, Object> to(@Nullable Lsn commitLsn) {
    if (commitLsn == null) {
      throw refused(
          "skip needs the commit LSN of the transaction, as the error printed it:"
              + " {\"action\":\"skip\",\"to\":\"<lsn>\"}");
    }
    Slot.Position position = slot.position();
    if (!commitLsn.isAfter(position.confirmed())) {
      throw refused(
          "the slot is at "
              + position.confirmed()
              + ", and the transaction that ends at "
              + commitLsn
              + " is behind it");
    }
    Commit commit = find(commitLsn);
    Map<String, Object> report = report(commit, position);
    log.accept(report);
    watermark.advancing(commitLsn, null);
    slot.advance(commitLsn);
    return report;
  }

  private Commit find(Lsn commitLsn) {
    try (Window window =
        Window.open(
            slot.peek(commitLsn, bounds.rows(), bounds.timeout()),
            Decoders.commitReader(slot.plugin()),
            bounds.spillThreshold(),
            bounds.spillDirectory())) {
      for (Commit commit = window.nextTransaction();
          commit != null && !commit.lsn().isAfter(commitLsn);
          commit = window.nextTransaction()) {
        count(window);
        if (commit.lsn().equals(commitLsn)) {
          return commit;
        }
        if (changes > 0 || unreadableRows > 0) {
          throw refused(
              "the next transaction ends at " + commit.lsn() + ", which comes before " + commitLsn);
        }
      }
    }
    throw refused("no transaction ends at " + commitLsn);
  }

  /** Counts what the transaction holds, whether it can be read or not. */
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

  private Map<String, Object> report(Commit commit, Slot.Position position) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("action", Command.Action.SKIP.text());
    report.put("outcome", "SKIPPED");
    report.put("xid", commit.xid());
    if (commit.time() != null) {
      report.put("commitTime", commit.time().toString());
    }
    report.put("fromLsn", position.confirmed().toString());
    report.put("toLsn", commit.lsn().toString());
    report.put("changes", changes);
    report.put("unreadableRows", unreadableRows);
    report.put("tables", tables);
    return report;
  }

  private static SlotException refused(String reason) {
    return new SlotException(
        SlotException.Code.SKIP_REFUSED,
        reason
            + ". Nothing was skipped. Only the transaction that stops the runs can be: poll, and"
            + " take its commit LSN from the error.",
        null);
  }
}

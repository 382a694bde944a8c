package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.change.VisibleTransactions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were read and are not published yet. Each goes to the stream after all changes of its
 * key that the reading snapshot shows, and before all that it does not show. The row then equals
 * the state of its key at its place in the stream. Pure.
 *
 * <p>The place exists because of a rule of PostgreSQL: of one key, all visible transactions commit
 * before all invisible ones, since a writer waits for the row's previous writer to become visible.
 */
final class PendingReads {

  private final TableName table;
  private final List<String> key;
  private final VisibleTransactions visible;
  private final Map<List<String>, Row> rows = new LinkedHashMap<>();

  /**
   * @param key names of the key columns, in key order; empty for a table without a key, whose rows
   *     cannot be told apart: the first invisible change of the table releases all
   * @param rows rows with a value in each key column
   * @param visible what the snapshot that read them shows
   */
  PendingReads(TableName table, List<String> key, List<Row> rows, VisibleTransactions visible) {
    this.table = table;
    this.key = List.copyOf(key);
    this.visible = visible;
    for (Row row : rows) {
      List<String> values =
          key.isEmpty() ? List.of(Integer.toString(this.rows.size())) : values(row, null);
      if (values == null) {
        throw new IllegalArgumentException("a row of " + table + " without its key");
      }
      this.rows.put(values, row);
    }
  }

  /**
   * Publishes what must precede a change.
   *
   * @param commit the change's transaction
   * @param reads receives the rows
   */
  void before(Commit commit, Change change, Consumer<Row> reads) {
    if (rows.isEmpty() || visible.includes(commit.xid())) {
      return;
    }
    if (!table.equals(change.table())) {
      return;
    }
    if (key.isEmpty() || change instanceof Truncate) {
      remaining(reads);
    } else if (change instanceof RowChange row) {
      release(row.before() == null ? null : values(row.before(), null), reads);
      release(row.after() == null ? null : values(row.after(), row.before()), reads);
    }
  }

  /** Publishes all that no invisible change has reached, in key order. */
  void remaining(Consumer<Row> reads) {
    rows.values().forEach(reads);
    rows.clear();
  }

  /** How many rows wait. */
  int size() {
    return rows.size();
  }

  private void release(@Nullable List<String> values, Consumer<Row> reads) {
    Row row = values == null ? null : rows.remove(values);
    if (row != null) {
      reads.accept(row);
    }
  }

  /** The key's values, or null where the WAL does not hold all of them. */
  private @Nullable List<String> values(Row row, @Nullable Row before) {
    List<String> values = new ArrayList<>(key.size());
    for (String column : key) {
      Value value = row.value(column);
      if (value == Value.UNCHANGED && before != null) {
        value = before.value(column);
      }
      if (!(value instanceof Value.Text text)) {
        return null;
      }
      values.add(text.text());
    }
    return values;
  }
}

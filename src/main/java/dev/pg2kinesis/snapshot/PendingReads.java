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
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
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
  private final List<Row> rows;

  /** Which rows are still to be published. */
  private final BitSet pending = new BitSet();

  /** Rows by their key; made for the first change that needs it, which many chunks never see. */
  private @Nullable KeyIndex index;

  /**
   * @param key names of the key columns, in key order; empty for a table without a key, whose rows
   *     cannot be told apart: the first invisible change of the table releases all
   * @param rows rows with a value in each key column, in key order
   * @param visible what the snapshot that read them shows
   */
  PendingReads(TableName table, List<String> key, List<Row> rows, VisibleTransactions visible) {
    this.table = table;
    this.key = List.copyOf(key);
    this.visible = visible;
    this.rows = rows;
    if (!rows.isEmpty() && !key.isEmpty() && values(rows.get(0), null) == null) {
      throw new IllegalArgumentException("a row of " + table + " without its key");
    }
    pending.set(0, rows.size());
  }

  /**
   * Publishes what must precede a change.
   *
   * @param commit the change's transaction
   * @param reads receives the rows
   */
  void before(Commit commit, Change change, Consumer<Row> reads) {
    if (pending.isEmpty() || visible.includes(commit.xid())) {
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
    for (int i = pending.nextSetBit(0); i >= 0; i = pending.nextSetBit(i + 1)) {
      pending.clear(i);
      reads.accept(rows.get(i));
    }
  }

  /** How many rows wait. */
  int size() {
    return pending.cardinality();
  }

  private void release(@Nullable List<String> values, Consumer<Row> reads) {
    if (values == null) {
      return;
    }
    KeyIndex known = index == null ? new KeyIndex() : index;
    index = known;
    known.release(values, reads);
  }

  /** The numbers of the rows, by the hashes of their keys: four to eight bytes for each row. */
  private final class KeyIndex {

    private static final int FREE = -1;

    private final int[] slots;

    KeyIndex() {
      slots = new int[Integer.highestOneBit(Math.max(1, rows.size())) << 2];
      Arrays.fill(slots, FREE);
      for (int row = 0; row < rows.size(); row++) {
        int slot = first(keyOf(row));
        while (slots[slot] != FREE) {
          slot = next(slot);
        }
        slots[slot] = row;
      }
    }

    void release(List<String> wanted, Consumer<Row> reads) {
      for (int slot = first(wanted); slots[slot] != FREE; slot = next(slot)) {
        int row = slots[slot];
        if (pending.get(row) && keyOf(row).equals(wanted)) {
          pending.clear(row);
          reads.accept(rows.get(row));
        }
      }
    }

    private List<String> keyOf(int row) {
      List<String> values = values(rows.get(row), null);
      if (values == null) {
        throw new IllegalArgumentException("a row of " + table + " without its key");
      }
      return values;
    }

    private int first(List<String> values) {
      int hash = values.hashCode();
      return (hash ^ hash >>> 16) & (slots.length - 1);
    }

    private int next(int slot) {
      return (slot + 1) & (slots.length - 1);
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

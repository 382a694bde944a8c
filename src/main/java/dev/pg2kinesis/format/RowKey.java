package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the values of a row's key columns in the row versions that the WAL holds. */
final class RowKey {

  private RowKey() {}

  /**
   * The key's values in key order: of the new row, or of the old one where there is no new row.
   *
   * @return null if the table has no key, or if the WAL does not contain it, as with a delete under
   *     {@code REPLICA IDENTITY NOTHING}, or if a part of it is NULL
   */
  static @Nullable List<String> values(RowChange change) {
    return values(change, change.key());
  }

  /** The same of other columns than the key's. */
  static @Nullable List<String> values(RowChange change, List<String> columns) {
    if (columns.isEmpty()) {
      return null;
    }
    List<String> values = new ArrayList<>(columns.size());
    for (String column : columns) {
      if (!(current(change, column) instanceof Value.Text text)) {
        return null;
      }
      values.add(text.text());
    }
    return values;
  }

  /** Whether an update gave the row another key, as far as the WAL shows its old one. */
  static boolean changed(RowChange change) {
    Row before = change.before();
    if (change.operation() != Operation.UPDATE || before == null) {
      return false;
    }
    boolean differs = false;
    for (String column : change.key()) {
      Value old = before.value(column);
      Value now = current(change, column);
      if (!(old instanceof Value.Text) || !(now instanceof Value.Text)) {
        return false;
      }
      differs |= !old.equals(now);
    }
    return differs;
  }

  /** Whether an update changed one of the columns. NULL is a value of them too. */
  static boolean differs(RowChange change, List<String> columns) {
    Row before = change.before();
    if (before != null && !columns.isEmpty()) { // most tables have none: no iterator for them
      for (String column : columns) {
        if (!Objects.equals(before.value(column), current(change, column))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The columns of {@code row} that are key columns, with their values. */
  static Row of(Row row, List<String> key) {
    Row result = new Row(new ArrayList<>(key.size()), new ArrayList<>(key.size()));
    for (int i = 0; i < row.columns().size(); i++) {
      if (key.contains(row.columns().get(i).name())) {
        result.columns().add(row.columns().get(i));
        result.values().add(row.values().get(i));
      }
    }
    return result;
  }

  /**
   * {@code after} with the TOASTed values that the update did not touch, where the old row has
   * them.
   */
  static Row withUnchangedValues(Row after, @Nullable Row before) {
    if (before == null || !after.values().contains(Value.UNCHANGED)) {
      return after;
    }
    List<Value> values = new ArrayList<>(after.values());
    for (int i = 0; i < values.size(); i++) {
      Value old = before.value(after.columns().get(i).name());
      if (values.get(i) == Value.UNCHANGED && old != null) {
        values.set(i, old);
      }
    }
    return new Row(after.columns(), values);
  }

  /**
   * The value after the change, or before it for a delete. A TOASTed value that an update did not
   * touch is taken from the old row where the WAL holds that: PostgreSQL logs it for key columns,
   * and for all columns under {@code REPLICA IDENTITY FULL}.
   */
  private static @Nullable Value current(RowChange change, String column) {
    Row before = change.before();
    Row after = change.after();
    Value value = after == null ? null : after.value(column);
    boolean inOldRow = after == null || value == Value.UNCHANGED;
    return inOldRow && before != null ? before.value(column) : value;
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives the rows of one table the columns that are published of it: without those that are left
 * out, and with masked values, whose column then has the type {@code text}. For one thread.
 *
 * <p>What is done to a row depends on its columns and its key alone, and most rows have those of
 * the row before. So it is worked out once for them, and what does not fit is refused then.
 */
final class TableColumns {

  private final TableName table;
  private final ColumnRules rules;
  private final Masker masker;
  private final List<String> partition;

  private @Nullable Layout lastOfNewRow;
  private @Nullable Layout lastOfOldRow;

  private TableColumns(TableName table, ColumnRules rules, Masker masker, List<String> partition) {
    this.table = table;
    this.rules = rules;
    this.masker = masker;
    this.partition = partition;
  }

  /** The columns of a table, or null if no rule is about the table. */
  static @Nullable TableColumns of(TableName table, ColumnRules rules, Masker masker) {
    List<String> partition = rules.partition().of(table);
    return partition.isEmpty() && !rules.excluded().concern(table) && !rules.masks().concern(table)
        ? null
        : new TableColumns(table, rules, masker, partition);
  }

  /** The columns that make the partition key; empty if the row's key makes it. */
  List<String> partition() {
    return partition;
  }

  /**
   * The change as it is published.
   *
   * @throws ColumnsRefusedException if the settings do not fit the table, or if the change does not
   *     show the columns that make its partition key
   */
  @SuppressWarnings("ReferenceEquality") // Rows that nothing is done to are the same objects.
  RowChange shaped(RowChange change) {
    Row before = change.before();
    Row after = change.after();
    Row shapedAfter = after;
    if (after != null) {
      Layout layout = layout(lastOfNewRow, after.columns(), change.key(), true);
      lastOfNewRow = layout;
      shapedAfter = shaped(layout, after);
    }
    Row shapedBefore = before;
    if (before != null) {
      Layout layout = layout(lastOfOldRow, before.columns(), change.key(), false);
      lastOfOldRow = layout;
      shapedBefore = shaped(layout, before);
    }
    if (!partition.isEmpty() && change.operation() != Operation.INSERT) {
      requireOldValues(change);
    }
    return shapedAfter == after && shapedBefore == before
        ? change
        : new RowChange(
            change.lsn(), change.operation(), table, change.key(), shapedBefore, shapedAfter);
  }

  /** An update without an old row kept all columns of the key, and shows nothing of the others. */
  private void requireOldValues(RowChange change) {
    Row before = change.before();
    for (String column : partition) {
      boolean known = before == null ? change.key().contains(column) : before.value(column) != null;
      if (!known) {
        throw ColumnsRefusedException.oldKeyUnknown(table, change.operation(), column);
      }
    }
  }

  /**
   * What is done to rows of the same columns.
   *
   * @param from the columns that the rows have
   * @param key the key that they have
   * @param to the columns that are published
   * @param sources for each of these its index in the row
   * @param masks for each of these its mask, or null
   * @param same whether rows stay as they are
   */
  private record Layout(
      List<Column> from,
      List<String> key,
      List<Column> to,
      int[] sources,
      @Nullable Mask[] masks,
      boolean same) {

    @SuppressWarnings("ReferenceEquality") // The same lists are equal without a look at them.
    private boolean fits(List<Column> columns, List<String> ofKey) {
      return (from == columns || from.equals(columns)) && (key == ofKey || key.equals(ofKey));
    }
  }

  private Row shaped(Layout layout, Row row) {
    if (layout.same()) {
      return row;
    }
    Value[] values = new Value[layout.sources().length];
    for (int i = 0; i < values.length; i++) {
      int source = layout.sources()[i];
      Value value = row.values().get(source);
      Mask mask = layout.masks()[i];
      values[i] =
          mask == null ? value : masker.masked(mask, row.columns().get(source).type(), value);
    }
    return new Row(layout.to(), Collections.unmodifiableList(Arrays.asList(values)));
  }

  private Layout layout(
      @Nullable Layout last, List<Column> columns, List<String> key, boolean whole) {
    return last != null && last.fits(columns, key) ? last : layout(columns, key, whole);
  }

  private Layout layout(List<Column> columns, List<String> key, boolean whole) {
    List<String> problems = new ArrayList<>();
    List<Column> to = new ArrayList<>(columns.size());
    List<@Nullable Mask> masks = new ArrayList<>(columns.size());
    int[] sources = new int[columns.size()];
    boolean same = true;
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      String use = use(column.name(), key);
      if (rules.excluded().matches(table, column.name())) {
        if (use != null) {
          problems.add("EXCLUDE_COLUMNS leaves out " + column.name() + ", " + use);
        }
        same = false;
        continue;
      }
      Mask mask = rules.masks().of(table, column.name());
      if (mask != null) {
        same = false;
        addProblem(problems, mask, column, use);
      }
      sources[to.size()] = i;
      masks.add(mask);
      to.add(mask == null ? column : new Column(column.name(), "text"));
    }
    if (whole) {
      addUnknown(problems, columns);
    }
    if (!problems.isEmpty()) {
      throw ColumnsRefusedException.settings(table, problems);
    }
    return new Layout(
        columns,
        key,
        List.copyOf(to),
        Arrays.copyOf(sources, to.size()),
        masks.toArray(new Mask[0]),
        same);
  }

  /** What a column is needed for, or null. */
  private @Nullable String use(String column, List<String> key) {
    if (key.contains(column)) {
      return "a key column";
    }
    return partition.contains(column) ? "a column of KEY_COLUMNS" : null;
  }

  private static void addProblem(
      List<String> problems, Mask mask, Column column, @Nullable String use) {
    String prefix = "MASK_COLUMNS has " + mask.settingName() + " for " + column.name();
    if (use != null && !mask.keepsIdentity()) {
      problems.add(prefix + ", " + use + ", which only hmac fits");
    }
    if (!mask.fits(column.type())) {
      problems.add(
          prefix + " of type " + column.type().name() + ", which only redact and hmac fit");
    }
  }

  private void addUnknown(List<String> problems, List<Column> columns) {
    for (String column : partition) {
      if (columns.stream().noneMatch(known -> known.name().equals(column))) {
        problems.add(
            "KEY_COLUMNS names " + column + ", and the table has or publishes no such column");
      }
    }
  }
}

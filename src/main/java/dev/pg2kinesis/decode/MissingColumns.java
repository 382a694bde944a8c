package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.Attribute;
import dev.pg2kinesis.change.Catalog.Attribute.State;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives the rows of one table the columns that a text plugin leaves out, as far as the catalog
 * proves that the table had them. If the table cannot have been as the catalog has it now, a row is
 * left as it is.
 */
final class MissingColumns {

  private final List<Attribute> table;
  private final Kind kind;

  /** The last layout, since most rows have the columns of the row before. */
  private @Nullable Layout last;

  private MissingColumns(List<Attribute> table, Kind kind) {
    this.table = table;
    this.kind = kind;
  }

  /** NULLs of whole old rows, which only {@code REPLICA IDENTITY FULL} can have. */
  static MissingColumns nulls(List<Attribute> table) {
    return new MissingColumns(table, Kind.NULL);
  }

  /** Unchanged TOASTed values of new rows. */
  static MissingColumns unchanged(List<Attribute> table) {
    return new MissingColumns(table, Kind.UNCHANGED);
  }

  private enum Kind {
    /** A column that was altered since is left out: the row may not have had it. */
    NULL {
      @Override
      Value value() {
        return Value.NULL;
      }

      @Override
      boolean canBeMissing(Attribute attribute) {
        return !attribute.notNull();
      }

      @Override
      boolean isAdded(Attribute attribute) {
        return attribute.state() == State.SAME;
      }
    },
    /**
     * A column that was altered since is added if it can be TOASTed: to leave out a value that the
     * row has would be worse than to say that one it does not have is unchanged.
     */
    UNCHANGED {
      @Override
      Value value() {
        return Value.UNCHANGED;
      }

      @Override
      boolean canBeMissing(Attribute attribute) {
        return attribute.toastable();
      }

      @Override
      boolean isAdded(Attribute attribute) {
        return attribute.state() != State.DROPPED && attribute.toastable();
      }
    };

    /** What is missing. */
    abstract Value value();

    /** Whether a row can lack the column, if the column is as it was. */
    abstract boolean canBeMissing(Attribute attribute);

    /** Whether a column that a row lacks is added. */
    abstract boolean isAdded(Attribute attribute);
  }

  /**
   * Where the values of rows with the same columns go.
   *
   * @param present the columns that the rows have
   * @param columns the columns that they are given
   * @param sources for each of these the index of its value in the row, or -1 for what is missing
   */
  private record Layout(List<Column> present, List<Column> columns, int[] sources) {

    private Row row(Row row, Value missing) {
      Value[] values = new Value[sources.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = sources[i] < 0 ? missing : row.values().get(sources[i]);
      }
      return new Row(columns, Collections.unmodifiableList(Arrays.asList(values)));
    }
  }

  /** The row with the columns that it lacks. */
  @SuppressWarnings("ReferenceEquality") // The same list has the same layout; others are looked at.
  Row fill(Row row) {
    if (row.columns().size() >= table.size()) {
      return row;
    }
    Layout layout = last;
    if (layout == null || layout.present() != row.columns()) {
      layout = layout(row.columns());
      last = layout;
    }
    return layout.columns() == row.columns() ? row : layout.row(row, kind.value());
  }

  private Layout layout(List<Column> present) {
    ColumnPlaces places = new ColumnPlaces(table, KeyColumns.names(present));
    List<Column> columns = new ArrayList<>(table.size());
    int[] sources = new int[table.size()];
    for (int i = 0; i < table.size(); i++) {
      Attribute attribute = table.get(i);
      if (places.of(i) >= 0) {
        sources[columns.size()] = places.of(i);
        columns.add(present.get(places.of(i)));
      } else if (attribute.state() == State.SAME && !kind.canBeMissing(attribute)) {
        return asItIs(present);
      } else if (kind.isAdded(attribute)) {
        sources[columns.size()] = -1;
        columns.add(attribute.column());
      }
    }
    return places.complete() && columns.size() > present.size()
        ? new Layout(present, List.copyOf(columns), Arrays.copyOf(sources, columns.size()))
        : asItIs(present);
  }

  private static Layout asItIs(List<Column> present) {
    return new Layout(present, present, new int[0]);
  }

  /**
   * A whole old row with its NULLs.
   *
   * @param columns those of the new row, which are all that the table had
   */
  static Row nullsOf(Row old, List<Column> columns) {
    Value[] values = new Value[columns.size()];
    Arrays.fill(values, Value.NULL);
    int next = 0;
    for (int i = 0; i < values.length && next < old.columns().size(); i++) {
      if (columns.get(i).name().equals(old.columns().get(next).name())) {
        values[i] = old.values().get(next++);
      }
    }
    return next == old.columns().size()
        ? new Row(columns, Collections.unmodifiableList(Arrays.asList(values)))
        : old;
  }
}

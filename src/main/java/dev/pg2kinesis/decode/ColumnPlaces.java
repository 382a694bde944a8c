package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.Attribute;
import dev.pg2kinesis.change.Catalog.Attribute.State;
import dev.pg2kinesis.change.Catalog.Index;
import dev.pg2kinesis.change.Catalog.Table;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the columns of a row stand in a table that may have been altered since. Both have the same
 * order, so a column whose name the table does not have stands where one was altered or dropped.
 */
final class ColumnPlaces {

  private static final int NONE = -1;

  private final List<Attribute> attributes;

  /** For each attribute the index of its column in the row, or {@link #NONE}. */
  private final int[] places;

  private final boolean complete;

  /**
   * @param columns the names of the row's columns, in table order
   */
  ColumnPlaces(List<Attribute> attributes, List<String> columns) {
    this.attributes = attributes;
    this.places = new int[attributes.size()];
    Arrays.fill(places, NONE);
    int next = 0;
    for (int i = 0; i < places.length && next < columns.size(); i++) {
      if (isAt(columns.get(next), i)) {
        places[i] = next++;
      }
    }
    this.complete = next == columns.size();
  }

  private boolean isAt(String column, int place) {
    Attribute attribute = attributes.get(place);
    return isNow(attribute, column)
        || (attribute.state() != State.SAME
            && attributes.subList(place, attributes.size()).stream()
                .noneMatch(later -> isNow(later, column)));
  }

  private static boolean isNow(Attribute attribute, String column) {
    return attribute.state() != State.DROPPED && attribute.column().name().equals(column);
  }

  /** Whether every column of the row has a place. */
  boolean complete() {
    return complete;
  }

  /** The index of the attribute's column in the row, or a negative number if the row has it not. */
  int of(int attribute) {
    return places[attribute];
  }

  /** The table, its indexes with the names that their columns have in the row. */
  static Table named(Table table, List<String> columns) {
    List<Attribute> attributes = table.attributes();
    if (attributes.stream().noneMatch(attribute -> attribute.state() == State.ALTERED)) {
      return table;
    }
    ColumnPlaces places = new ColumnPlaces(attributes, columns);
    Map<String, String> then = new HashMap<>();
    for (int i = 0; i < attributes.size(); i++) {
      if (attributes.get(i).state() == State.ALTERED && places.of(i) >= 0) {
        then.put(attributes.get(i).column().name(), columns.get(places.of(i)));
      }
    }
    List<Index> indexes = table.indexes().stream().map(index -> index.renamed(then)).toList();
    return new Table(table.identity(), table.alteredBy(), indexes, attributes, table.virtual());
  }
}

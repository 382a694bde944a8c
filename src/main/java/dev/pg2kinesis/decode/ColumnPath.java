package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node in a prefix tree of column lists: the path from the root to a node is a list of columns.
 * Rows with the same columns end at the same node and share one list. A column is recognised by
 * comparing the bytes that announce it, without reading them again.
 */
final class ColumnPath {

  /** Old rows may lack any combination of columns, so a tree can grow very large. */
  private static final int MAX_NODES = 20_000;

  private final @Nullable ColumnPath parent;
  private final @Nullable Column column;
  private final byte[] header;
  private final ValueForm form;
  private final int depth;
  private final int[] nodes;

  private ColumnPath[] children = new ColumnPath[0];
  private @Nullable List<Column> columns;

  private ColumnPath(
      @Nullable ColumnPath parent,
      @Nullable Column column,
      byte[] header,
      ValueForm form,
      int depth,
      int[] nodes) {
    this.parent = parent;
    this.column = column;
    this.header = header;
    this.form = form;
    this.depth = depth;
    this.nodes = nodes;
    nodes[0]++;
  }

  /** The start of a row: no columns yet. */
  static ColumnPath root() {
    return new ColumnPath(null, null, new byte[0], ValueForm.QUOTED, 0, new int[1]);
  }

  /** Whether the tree is so large that it should be replaced by an empty one. */
  boolean grown() {
    return nodes[0] > MAX_NODES;
  }

  /** How the values of the last column are printed. */
  ValueForm form() {
    return form;
  }

  /** How many columns there are, hidden ones left out. */
  int depth() {
    return depth;
  }

  /** Moves the cursor over the header of a column that has been here before, if it is there. */
  @Nullable ColumnPath known(TextCursor cursor) {
    ColumnPath[] known = children;
    for (int i = 0; i < known.length; i++) {
      ColumnPath child = known[i];
      if (cursor.skip(child.header)) {
        if (i > 0) {
          known[i] = known[i - 1];
          known[i - 1] = child;
        }
        return child;
      }
    }
    return null;
  }

  /**
   * Adds a column that has not been here before.
   *
   * @param hidden whether it is to be read and left out of the row
   */
  ColumnPath add(Column next, byte[] nextHeader, ValueForm nextForm, boolean hidden) {
    ColumnPath child =
        hidden
            ? new ColumnPath(this, null, nextHeader, nextForm, depth, nodes)
            : new ColumnPath(this, next, nextHeader, nextForm, depth + 1, nodes);
    children = Arrays.copyOf(children, children.length + 1);
    children[children.length - 1] = child;
    return child;
  }

  /** A row of these columns. */
  Row row(Value[] values) {
    return new Row(
        columns(), Collections.unmodifiableList(Arrays.asList(Arrays.copyOf(values, depth))));
  }

  private List<Column> columns() {
    List<Column> list = columns;
    if (list == null) {
      List<Column> reversed = new ArrayList<>(depth);
      for (ColumnPath at = this; at.parent != null; at = at.parent) {
        if (at.column != null) {
          reversed.add(at.column);
        }
      }
      Collections.reverse(reversed);
      list = List.copyOf(reversed);
      columns = list;
    }
    return list;
  }
}

package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the lists of columns of one table in wal2json's format version 2. */
final class Wal2JsonTuples {

  private static final byte[] NAME = literal("{\"name\":");
  private static final byte[] TYPE = literal(",\"type\":");
  private static final byte[] VALUE = literal(",\"value\":");
  private static final byte[] PRIMARY_KEY = literal(",\"pk\":[");

  private final Wal2JsonRelation relation;
  private final TextCursor cursor;
  private final Wal2JsonText text;
  private final Values values;
  private TableView seenBy;
  private ColumnPath columnsSeen = ColumnPath.root();
  private byte[] primaryKeySeen = PRIMARY_KEY;

  Wal2JsonTuples(Wal2JsonRelation relation, TextCursor cursor, Wal2JsonText text, Values values) {
    this.relation = relation;
    this.seenBy = relation.table();
    this.cursor = cursor;
    this.text = text;
    this.values = values;
  }

  Wal2JsonRelation relation() {
    return relation;
  }

  /** Reads a list of columns with their values, with the cursor after its first bracket. */
  @SuppressWarnings("ReferenceEquality") // A view is the same as long as transactions saw the same.
  Row read() {
    if (columnsSeen.grown() || seenBy != relation.table()) {
      columnsSeen = ColumnPath.root();
      seenBy = relation.table();
    }
    ColumnPath start = columnsSeen;
    ColumnPath path = start;
    while (!cursor.skip(']')) {
      ColumnPath next = path.known(cursor);
      if (next == null) {
        next = newColumn(path, path == start);
      }
      values.set(path.depth(), text.value(next.form()));
      cursor.expect('}');
      path = next;
    }
    return path.row(values.array);
  }

  private ColumnPath newColumn(ColumnPath path, boolean first) {
    int from = cursor.position();
    if (!first) {
      cursor.expect(',');
    }
    cursor.expect(NAME);
    String name = text.json().string("a column's name");
    cursor.expect(TYPE);
    String type = text.type();
    cursor.expect(VALUE);
    return path.add(
        seenBy.column(name, type),
        Arrays.copyOfRange(cursor.bytes(), from, cursor.position()),
        ValueForm.of(type),
        seenBy.isVirtual(name));
  }

  /** Reads the primary key, if it is not the one that was read before. */
  void readPrimaryKey() {
    int from = cursor.position();
    if (cursor.skip(primaryKeySeen) && primaryKeySeen.length > PRIMARY_KEY.length) {
      return;
    }
    cursor.moveTo(from);
    cursor.expect(PRIMARY_KEY);
    List<String> columns = new ArrayList<>();
    while (!cursor.skip(']')) {
      if (!columns.isEmpty()) {
        cursor.expect(',');
      }
      cursor.expect(NAME);
      columns.add(text.json().string("a column's name"));
      cursor.expect(TYPE);
      text.type();
      cursor.expect('}');
    }
    relation.primaryKey(columns);
    primaryKeySeen = Arrays.copyOfRange(cursor.bytes(), from, cursor.position());
  }

  /** Room for the values of one row, which all tables share. */
  static final class Values {
    private Value[] array = new Value[16];

    private void set(int index, Value value) {
      if (index == array.length) {
        array = Arrays.copyOf(array, 2 * index);
      }
      array[index] = value;
    }
  }
}

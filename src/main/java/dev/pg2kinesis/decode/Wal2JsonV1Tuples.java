package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads the columns of one table in wal2json's format version 1: the names, then the types, then
 * the values. Names and types are compared with those read before, the latest first.
 */
final class Wal2JsonV1Tuples {

  private static final byte[] COLUMN_NAMES = literal(",\"columnnames\":[");
  private static final byte[] COLUMN_TYPES = literal("],\"columntypes\":[");
  private static final byte[] COLUMN_VALUES = literal("],\"columnvalues\":[");
  private static final byte[] KEY_NAMES = literal("\"keynames\":[");
  private static final byte[] KEY_TYPES = literal("],\"keytypes\":[");
  private static final byte[] KEY_VALUES = literal("],\"keyvalues\":[");

  /** Whole old rows without their NULLs have as many lists of columns as there are subsets. */
  private static final int MAX_SEEN = 64;

  private final Wal2JsonRelation relation;
  private final TextCursor cursor;
  private final Wal2JsonText text;
  private final List<Heading> seen = new ArrayList<>();
  private TableView seenBy;

  Wal2JsonV1Tuples(Wal2JsonRelation relation, TextCursor cursor, Wal2JsonText text) {
    this.relation = relation;
    this.seenBy = relation.table();
    this.cursor = cursor;
    this.text = text;
  }

  Wal2JsonRelation relation() {
    return relation;
  }

  /** Reads a new row. */
  Row columns() {
    return row(heading(COLUMN_NAMES, COLUMN_TYPES, COLUMN_VALUES));
  }

  /** Reads an old row, with the cursor after its first brace. */
  Row oldKeys() {
    Row row = row(heading(KEY_NAMES, KEY_TYPES, KEY_VALUES));
    cursor.expect('}');
    return row;
  }

  private Row row(Heading heading) {
    Value[] values = new Value[heading.columns.size()];
    int next = 0;
    for (int i = 0; i < heading.forms.length; i++) {
      if (i > 0) {
        cursor.expect(',');
      }
      Value value = text.value(heading.forms[i]);
      if (!heading.hidden[i]) {
        values[next++] = value;
      }
    }
    cursor.expect(']');
    return new Row(heading.columns, Collections.unmodifiableList(Arrays.asList(values)));
  }

  @SuppressWarnings("ReferenceEquality") // A view is the same as long as transactions saw the same.
  private Heading heading(byte[] namesLiteral, byte[] typesLiteral, byte[] valuesLiteral) {
    if (seenBy != relation.table()) {
      seen.clear();
      seenBy = relation.table();
    }
    for (int i = 0; i < seen.size(); i++) {
      Heading heading = seen.get(i);
      if (cursor.skip(heading.bytes)) {
        if (i > 0) {
          seen.set(i, seen.get(i - 1));
          seen.set(i - 1, heading);
        }
        return heading;
      }
    }
    int from = cursor.position();
    cursor.expect(namesLiteral);
    List<String> names = list(() -> text.json().string("a column's name"));
    cursor.expect(typesLiteral);
    List<String> types = list(text::type);
    if (names.size() != types.size()) {
      throw cursor.expected("as many types as names");
    }
    cursor.expect(valuesLiteral);
    if (seen.size() == MAX_SEEN) {
      seen.clear();
    }
    Heading heading =
        new Heading(
            Arrays.copyOfRange(cursor.bytes(), from, cursor.position()), names, types, seenBy);
    seen.add(heading);
    return heading;
  }

  /** Reads strings up to the bracket that ends their list. */
  private List<String> list(Supplier<String> read) {
    List<String> strings = new ArrayList<>();
    while (cursor.peek() != ']') {
      if (!strings.isEmpty()) {
        cursor.expect(',');
      }
      strings.add(read.get());
    }
    return strings;
  }

  /** Names and types, and the bytes that announce them. */
  private static final class Heading {
    private final byte[] bytes;
    private final ValueForm[] forms;
    private final boolean[] hidden;
    private final List<Column> columns;

    private Heading(byte[] bytes, List<String> names, List<String> types, TableView table) {
      this.bytes = bytes;
      this.forms = new ValueForm[names.size()];
      this.hidden = new boolean[names.size()];
      List<Column> shown = new ArrayList<>(names.size());
      for (int i = 0; i < forms.length; i++) {
        forms[i] = ValueForm.of(types.get(i));
        hidden[i] = table.isVirtual(names.get(i));
        if (!hidden[i]) {
          shown.add(table.column(names.get(i), types.get(i)));
        }
      }
      this.columns = List.copyOf(shown);
    }
  }
}

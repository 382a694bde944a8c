package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a Relation message says of a table. Its columns are those that are published: neither
 * dropped ones nor, unless the publication asks for them, generated ones, and only those of a
 * column list where there is one.
 */
final class PgOutputRelation {

  private static final int KEY_FLAG = 1;

  private final TableName table;
  private final List<Column> columns;
  private final List<Column> identity;
  private final int[] identityIndexes;
  private final List<String> key;

  private PgOutputRelation(
      TableName table, List<Column> columns, int[] identityIndexes, List<String> key) {
    this.table = table;
    this.columns = columns;
    this.identityIndexes = identityIndexes;
    this.identity = at(columns, identityIndexes);
    this.key = key;
  }

  /** Reads the message after its object id. */
  static PgOutputRelation read(PgOutputReader in, PgOutputTypes types, Catalog catalog) {
    String namespace = in.string("namespace");
    String name = in.string("name");
    TableName table = new TableName(namespace.isEmpty() ? "pg_catalog" : namespace, name);
    boolean flagsAreKey = identifiesByIndex(in);
    List<Column> columns = new ArrayList<>();
    int[] flagged = columns(in, types, columns);
    in.end();
    List<String> names = columns.stream().map(Column::name).toList();
    Catalog.Table known = catalog.table(table);
    List<String> key = known == null ? List.of() : restricted(known.key(), names);
    // Without flags (a primary key that is deferrable is none) the catalog's is all there is.
    if (flagsAreKey && flagged.length > 0 && !sameSet(key, at(names, flagged))) {
      key = at(names, flagged);
    }
    return new PgOutputRelation(table, List.copyOf(columns), flagged, key);
  }

  /** Reads the columns and returns the indexes of those that are flagged. */
  private static int[] columns(PgOutputReader in, PgOutputTypes types, List<Column> columns) {
    int count = in.int16("columns");
    IntStream.Builder flagged = IntStream.builder();
    for (int i = 0; i < count; i++) {
      in.element("columns", i);
      if (isFlagged(in)) {
        flagged.add(i);
      }
      String name = in.string("name");
      columns.add(new Column(name, types.name(in.int32("type"))));
      in.int32("typmod");
    }
    in.elementsDone();
    return flagged.build().toArray();
  }

  /** Whether the flags mark an index's columns; under FULL they mark all, under NOTHING none. */
  private static boolean identifiesByIndex(PgOutputReader in) {
    int identity = in.int8("replica identity");
    return switch (identity) {
      case 'd', 'i' -> true;
      case 'f', 'n' -> false;
      default -> throw in.expectedBefore("replica identity", "one of d, i, f, n");
    };
  }

  private static boolean isFlagged(PgOutputReader in) {
    int flags = in.int8("flags");
    if ((flags & ~KEY_FLAG) != 0) {
      throw in.expectedBefore("flags", "0 or 1");
    }
    return flags == KEY_FLAG;
  }

  private static List<String> restricted(List<String> key, List<String> names) {
    return key.stream().filter(names::contains).toList();
  }

  private static boolean sameSet(List<String> a, List<String> b) {
    return a.size() == b.size() && new HashSet<>(a).equals(new HashSet<>(b));
  }

  TableName table() {
    return table;
  }

  /** The names of the key columns; see {@code Change.RowChange.key}. */
  List<String> key() {
    return key;
  }

  /**
   * Reads a whole row.
   *
   * @param part what the errors call the tuple
   */
  Row row(PgOutputReader in, String part) {
    return new Row(columns, List.of(PgOutputTuple.read(in, part, columns.size())));
  }

  /**
   * Reads a tuple that holds the replica identity's columns, and NULL for the others, which are
   * left out here. Where no column is flagged (a root table published for a partition that has a
   * replica identity of its own) those that hold a value must be its.
   *
   * @param part what the errors call the tuple
   */
  Row identity(PgOutputReader in, String part) {
    Value[] values = PgOutputTuple.read(in, part, columns.size());
    if (identityIndexes.length == 0) {
      int[] held = IntStream.range(0, values.length).filter(i -> values[i] != Value.NULL).toArray();
      return new Row(at(columns, held), at(List.of(values), held));
    }
    Value[] kept = new Value[identityIndexes.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = values[identityIndexes[i]];
    }
    return new Row(identity, List.of(kept));
  }

  private static <T> List<T> at(List<T> all, int[] indexes) {
    return Arrays.stream(indexes).mapToObj(all::get).toList();
  }
}

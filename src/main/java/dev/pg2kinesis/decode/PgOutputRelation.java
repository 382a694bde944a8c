package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.decode.KeyColumns.Preferred;
import java.util.ArrayList;
import java.util.Arrays;
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

  /**
   * Reads the message after its object id.
   *
   * @param oid the object id
   * @param xid the transaction that it was sent for
   */
  static PgOutputRelation read(
      PgOutputReader in, int oid, long xid, PgOutputTypes types, Catalog catalog) {
    String namespace = in.string("namespace");
    String name = in.string("name");
    TableName table = new TableName(namespace.isEmpty() ? "pg_catalog" : namespace, name);
    int identity = replicaIdentity(in);
    List<Column> columns = new ArrayList<>();
    int[] flagged = columns(in, types, columns);
    in.end();
    List<String> key =
        key(
            catalog.table(oid, table).asOf(xid),
            identity,
            at(columns, flagged),
            KeyColumns.names(columns));
    return new PgOutputRelation(table, List.copyOf(columns), flagged, key);
  }

  /**
   * The key columns. The flags mark those of the index that is the replica identity; under FULL
   * they mark all columns and under NOTHING none, and then the catalog's primary key is all there
   * is.
   */
  private static List<String> key(
      Catalog.Table now, int identity, List<Column> flagged, List<String> columns) {
    Catalog.Table table = ColumnPlaces.named(now, columns);
    boolean byIndex = identity == 'd' || identity == 'i';
    if (byIndex && !flagged.isEmpty()) {
      return KeyColumns.inIndexOrder(
          table,
          KeyColumns.names(flagged),
          identity == 'd' ? Preferred.PRIMARY_KEY : Preferred.REPLICA_IDENTITY);
    }
    Catalog.Index primaryKey = table.primaryKey();
    // A primary key that is not deferrable would have been flagged: it is younger than the change.
    if (primaryKey == null || (identity == 'd' && !primaryKey.deferrable())) {
      return List.of();
    }
    return KeyColumns.ifAllThere(primaryKey.columns(), columns);
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
      columns.add(new Column(name, types.type(in.int32("type"))));
      in.int32("typmod");
    }
    in.elementsDone();
    return flagged.build().toArray();
  }

  private static int replicaIdentity(PgOutputReader in) {
    int identity = in.int8("replica identity");
    return switch (identity) {
      case 'd', 'i', 'f', 'n' -> identity;
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
   * left out here. If no column is flagged (a root table published for a partition that has a
   * replica identity and the root has none), the columns that have a value must be the key.
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

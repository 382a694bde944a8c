package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.TableName;
import java.util.function.Function;

/** Reads {@code "schema":"public","table":"t"}, or recognises it if it was read before. */
final class Wal2JsonRelations<R> {

  private static final byte[] SCHEMA = literal("\"schema\":");
  private static final byte[] TABLE = literal(",\"table\":");

  private final TextCursor cursor;
  private final JsonText json;
  private final Catalog catalog;
  private final NamedTypes types;
  private final Function<Wal2JsonRelation, R> reader;
  private final SliceMap<Known<R>> known = new SliceMap<>();

  /** A table, and what reads its rows. */
  private record Known<R>(Wal2JsonRelation relation, R reader) {}

  /**
   * @param reader makes what is kept of each table
   */
  Wal2JsonRelations(
      TextCursor cursor, JsonText json, Catalog catalog, Function<Wal2JsonRelation, R> reader) {
    this.cursor = cursor;
    this.json = json;
    this.catalog = catalog;
    this.types = new NamedTypes(catalog);
    this.reader = reader;
  }

  /**
   * Reads a table's name.
   *
   * @param xid the transaction whose rows follow
   */
  R read(long xid) {
    int from = cursor.position();
    cursor.expect(SCHEMA);
    int schema = cursor.position();
    json.skip("a schema's name");
    cursor.expect(TABLE);
    int table = cursor.position();
    json.skip("a table's name");
    int to = cursor.position();
    Known<R> found = known.get(cursor.bytes(), from, to);
    if (found == null) {
      TableName name = new TableName(stringAt(schema), stringAt(table));
      TableView.Views views = new TableView.Views(catalog.table(name), types);
      Wal2JsonRelation relation = new Wal2JsonRelation(name, views, xid);
      found = new Known<>(relation, reader.apply(relation));
      known.add(cursor.bytes(), from, to, found);
    }
    found.relation().as(xid);
    return found.reader();
  }

  private String stringAt(int offset) {
    cursor.moveTo(offset);
    return json.string("a name");
  }
}

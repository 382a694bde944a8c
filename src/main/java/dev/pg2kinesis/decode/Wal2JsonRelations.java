package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.TableName;
import java.util.function.Function;

/** Reads {@code "schema":"public","table":"t"}, or rather recognises what was read before. */
final class Wal2JsonRelations<R> {

  private static final byte[] SCHEMA = literal("\"schema\":");
  private static final byte[] TABLE = literal(",\"table\":");

  private final TextCursor cursor;
  private final JsonText json;
  private final Catalog catalog;
  private final Function<Wal2JsonRelation, R> reader;
  private final SliceMap<R> known = new SliceMap<>();

  /**
   * @param reader makes what is kept of each table
   */
  Wal2JsonRelations(
      TextCursor cursor, JsonText json, Catalog catalog, Function<Wal2JsonRelation, R> reader) {
    this.cursor = cursor;
    this.json = json;
    this.catalog = catalog;
    this.reader = reader;
  }

  R read() {
    int from = cursor.position();
    cursor.expect(SCHEMA);
    int schema = cursor.position();
    json.skip("a schema's name");
    cursor.expect(TABLE);
    int table = cursor.position();
    json.skip("a table's name");
    int to = cursor.position();
    R relation = known.get(cursor.bytes(), from, to);
    if (relation == null) {
      TableName name = new TableName(stringAt(schema), stringAt(table));
      relation = reader.apply(new Wal2JsonRelation(name, catalog.table(name)));
      known.add(cursor.bytes(), from, to, relation);
    }
    return relation;
  }

  private String stringAt(int offset) {
    cursor.moveTo(offset);
    return json.string("a name");
  }
}

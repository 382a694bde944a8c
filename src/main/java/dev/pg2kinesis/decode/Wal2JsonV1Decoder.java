package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads wal2json's format version 1, where each row is a whole transaction:
 *
 * <pre>
 * {"timestamp":"2026-01-31 12:34:56.789+00","change":[
 *     {"kind":"insert","schema":"public","table":"t",
 *         "columnnames":["id"],"columntypes":["integer"],"columnvalues":[1]},
 *     {"kind":"update", … ,"oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[1]}},
 *     {"kind":"delete","schema":"public","table":"t","oldkeys":{ … }},
 *     {"kind":"message","transactional":true,"prefix":"p","content":"hi"}]}
 * {"change":[,{"kind":"message","transactional":false,"prefix":"p","content":"hi"}]}
 * </pre>
 *
 * without white space. The last line is a message outside any transaction; its first comma, which
 * is not JSON, is there in wal2json 2.5 and gone in later ones. Changes are given out one by one,
 * so that a large transaction costs no more than its bytes. See {@code wal2json.c}.
 */
final class Wal2JsonV1Decoder implements Decoder {

  private static final byte[] TIMESTAMP = literal("{\"timestamp\":");
  private static final byte[] CHANGE = literal(",\"change\":[");
  private static final byte[] LONE_CHANGE = literal("{\"change\":[");
  private static final byte[] KIND = literal("{\"kind\":\"");
  private static final byte[] INSERT = literal("insert\",");
  private static final byte[] UPDATE = literal("update\",");
  private static final byte[] DELETE = literal("delete\",");
  private static final byte[] MESSAGE = literal("message\",\"transactional\":");
  private static final byte[] OLD_KEYS = literal(",\"oldkeys\":{");
  private static final byte[] END = literal("]}");

  private final TextCursor cursor = new TextCursor(Plugin.WAL2JSON_V1);
  private final Wal2JsonText text = new Wal2JsonText(cursor);
  private final Wal2JsonRelations<Wal2JsonV1Tuples> relations;

  Wal2JsonV1Decoder(Catalog catalog) {
    relations =
        new Wal2JsonRelations<>(
            cursor, text.json(), catalog, relation -> new Wal2JsonV1Tuples(relation, cursor, text));
  }

  /** See {@link CommitReader}. */
  static Commit commitOf(RawRow row) {
    TextCursor at = new TextCursor(Plugin.WAL2JSON_V1, row);
    if (at.skip(LONE_CHANGE)) {
      return new Commit(row.xid(), row.lsn(), null);
    }
    at.expect(TIMESTAMP);
    at.expect('"');
    Commit commit = new Commit(row.xid(), row.lsn(), CommitTime.read(at));
    at.expect('"');
    at.expect(CHANGE);
    return commit;
  }

  @Override
  public void decode(RawRow row, Consumer<Change> changes) {
    cursor.reset(row);
    if (!cursor.skip(LONE_CHANGE)) {
      cursor.expect(TIMESTAMP);
      text.json().skip("a commit time");
      cursor.expect(CHANGE);
    }
    boolean more = cursor.skip(',') || cursor.peek() == '{';
    while (more) {
      changes.accept(change(row));
      more = cursor.skip(',');
    }
    cursor.expect(END);
    cursor.expectEnd();
  }

  private Change change(RawRow row) {
    cursor.expect(KIND);
    Change change;
    if (cursor.skip(INSERT)) {
      Wal2JsonV1Tuples tuples = relations.read(row.xid());
      change = tuples.relation().insert(row.lsn(), tuples.columns());
    } else if (cursor.skip(UPDATE)) {
      change = update(row);
    } else if (cursor.skip(DELETE)) {
      Wal2JsonV1Tuples tuples = relations.read(row.xid());
      cursor.expect(OLD_KEYS);
      change = tuples.relation().delete(row.lsn(), tuples.oldKeys());
    } else {
      change = message(row.lsn());
    }
    cursor.expect('}');
    return change;
  }

  private Change update(RawRow row) {
    Wal2JsonV1Tuples tuples = relations.read(row.xid());
    Row present = tuples.columns();
    @Nullable Row old = cursor.skip(OLD_KEYS) ? tuples.oldKeys() : null;
    return tuples.relation().update(row.lsn(), present, old);
  }

  private Message message(Lsn lsn) {
    cursor.expect(MESSAGE);
    return text.message(lsn, text.truth());
  }
}

package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Row;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads wal2json's format version 2, whose rows are JSON objects such as
 *
 * <pre>
 * {"action":"B","timestamp":"2026-01-31 12:34:56.789+00"}
 * {"action":"U","timestamp":"2026-…","schema":"public","table":"t",
 *     "columns":[{"name":"id","type":"integer","value":2}],
 *     "identity":[{"name":"id","type":"integer","value":1}],
 *     "pk":[{"name":"id","type":"integer"}]}
 * {"action":"T","timestamp":"2026-…","schema":"public","table":"t"}
 * {"action":"M","timestamp":null,"transactional":false,"prefix":"p","content":"hi"}
 * {"action":"C","timestamp":"2026-01-31 12:34:56.789+00"}
 * </pre>
 *
 * without white space, the members always in this order. It is read as this grammar and not as any
 * JSON, since wal2json prints some types in a form that is not JSON. See {@code wal2json.c}.
 */
final class Wal2JsonDecoder implements Decoder {

  private static final byte[] ACTION = literal("{\"action\":\"");
  private static final byte[] TIMESTAMP = literal("\",\"timestamp\":");
  private static final byte[] NULL = literal("null");
  private static final byte[] TRANSACTIONAL = literal(",\"transactional\":");
  private static final byte[] COLUMNS = literal(",\"columns\":[");
  private static final byte[] IDENTITY = literal(",\"identity\":[");
  private static final byte[] END = literal("\"}");

  private final TextCursor cursor = new TextCursor(Plugin.WAL2JSON);
  private final Wal2JsonText text = new Wal2JsonText(cursor);
  private final Wal2JsonRelations<Wal2JsonTuples> relations;

  Wal2JsonDecoder(Catalog catalog) {
    Wal2JsonTuples.Values values = new Wal2JsonTuples.Values();
    relations =
        new Wal2JsonRelations<>(
            cursor,
            text.json(),
            catalog,
            relation -> new Wal2JsonTuples(relation, cursor, text, values));
  }

  /** See {@link CommitReader}. */
  static @Nullable Commit commitOf(RawRow row) {
    byte[] bytes = row.bytes();
    int action = ACTION.length < bytes.length ? bytes[ACTION.length] : -1;
    if (action != 'C' && action != 'M') {
      return null;
    }
    TextCursor at = new TextCursor(Plugin.WAL2JSON, row);
    at.expect(ACTION);
    at.moveTo(ACTION.length + 1);
    return action == 'C' ? commit(at, row) : loneMessage(at, row);
  }

  private static Commit commit(TextCursor at, RawRow row) {
    at.expect(TIMESTAMP);
    at.expect('"');
    Commit commit = new Commit(row.xid(), row.lsn(), CommitTime.read(at));
    at.expect(END);
    at.expectEnd();
    return commit;
  }

  private static @Nullable Commit loneMessage(TextCursor at, RawRow row) {
    // The row's LSN is the end of the message's WAL record, as a commit's is.
    return isTransactional(at, new Wal2JsonText(at))
        ? null
        : new Commit(row.xid(), row.lsn(), null);
  }

  @Override
  public void decode(RawRow row, Consumer<Change> changes) {
    cursor.reset(row);
    cursor.expect(ACTION);
    int action = cursor.peek();
    cursor.moveTo(Math.min(cursor.position() + 1, row.bytes().length));
    switch (action) {
      case 'I', 'U', 'D' -> changes.accept(rowChange(action, row));
      case 'B', 'C' -> skipTimestamp(cursor, text.json());
      case 'T' -> changes.accept(truncate(row));
      case 'M' -> changes.accept(text.message(row.lsn(), isTransactional(cursor, text)));
      default -> {
        cursor.moveTo(ACTION.length);
        throw cursor.expected("one of the actions B, C, I, U, D, T, M");
      }
    }
    cursor.expect('}');
    cursor.expectEnd();
  }

  private Change rowChange(int action, RawRow row) {
    skipTimestamp(cursor, text.json());
    cursor.expect(',');
    Wal2JsonTuples tuples = relations.read(row.xid());
    Row after = null;
    if (action != 'D') {
      cursor.expect(COLUMNS);
      after = tuples.read();
    }
    Row identity = action != 'I' && cursor.skip(IDENTITY) ? tuples.read() : null;
    tuples.readPrimaryKey();
    Wal2JsonRelation relation = tuples.relation();
    if (after == null) {
      return relation.delete(row.lsn(), identity);
    }
    return action == 'I'
        ? relation.insert(row.lsn(), after)
        : relation.update(row.lsn(), after, identity);
  }

  private Truncate truncate(RawRow row) {
    skipTimestamp(cursor, text.json());
    cursor.expect(',');
    return new Truncate(row.lsn(), relations.read(row.xid()).relation().name(), false, false);
  }

  private static boolean isTransactional(TextCursor at, Wal2JsonText text) {
    skipTimestamp(at, text.json());
    at.expect(TRANSACTIONAL);
    return text.truth();
  }

  private static void skipTimestamp(TextCursor at, JsonText json) {
    at.expect(TIMESTAMP);
    if (!at.skip(NULL)) {
      json.skip("a commit time");
    }
  }
}

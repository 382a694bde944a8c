package dev.pg2kinesis.decode;

import static dev.pg2kinesis.decode.TextCursor.literal;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads test_decoding, whose rows are lines such as
 *
 * <pre>
 * BEGIN 748
 * table public.orders: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 note[text]:'it''s'
 * table public.a, public.b: TRUNCATE: restart_seqs cascade
 * message: transactional: 1 prefix: p, sz: 2 content:hi
 * COMMIT 748 (at 2026-01-31 12:34:56.789+00)
 * </pre>
 *
 * Names, types and values can hold anything, text like the above included, so only a row's start
 * and the grammar from there decide what a byte means. Follows what {@code
 * contrib/test_decoding/test_decoding.c} prints.
 */
final class TestDecodingDecoder implements Decoder {

  private static final byte[] BEGIN = literal("BEGIN ");
  private static final byte[] COMMIT = literal("COMMIT ");
  private static final byte[] TABLE = literal("table ");
  private static final byte[] NEXT_TABLE = literal(", ");
  private static final byte[] INSERT = literal(": INSERT:");
  private static final byte[] UPDATE = literal(": UPDATE:");
  private static final byte[] DELETE = literal(": DELETE:");
  private static final byte[] TRUNCATE = literal(": TRUNCATE:");
  private static final byte[] OLD_KEY = literal(" old-key:");
  private static final byte[] NEW_TUPLE = literal(" new-tuple:");
  private static final byte[] NO_DATA = literal(" (no-tuple-data)");
  private static final byte[] NO_FLAGS = literal(" (no-flags)");
  private static final byte[] RESTART = literal(" restart_seqs");
  private static final byte[] CASCADE = literal(" cascade");
  private static final byte[] COMMITTED_AT = literal(" (at ");

  private final Catalog catalog;
  private final NamedTypes types;
  private final TextCursor cursor = new TextCursor(Plugin.TEST_DECODING);
  private final TestDecodingTuples tuples = new TestDecodingTuples(cursor);
  private final SliceMap<Relation> relations = new SliceMap<>();

  TestDecodingDecoder(Catalog catalog) {
    this.catalog = catalog;
    this.types = new NamedTypes(catalog);
  }

  /** See {@link CommitReader}. */
  static @Nullable Commit commitOf(RawRow row) {
    byte[] bytes = row.bytes();
    if (bytes.length == 0 || (bytes[0] != 'C' && bytes[0] != 'm')) {
      return null;
    }
    TextCursor at = new TextCursor(Plugin.TEST_DECODING, row);
    return bytes[0] == 'C' ? commit(at, row.lsn()) : TestDecodingMessage.commitOf(at, row);
  }

  private static Commit commit(TextCursor at, Lsn lsn) {
    at.expect(COMMIT);
    long xid = at.xid();
    at.expect(COMMITTED_AT);
    Commit commit = new Commit(xid, lsn, CommitTime.read(at));
    at.expect(')');
    at.expectEnd();
    return commit;
  }

  @Override
  public void decode(RawRow row, Consumer<Change> changes) {
    cursor.reset(row);
    if (cursor.skip(TABLE)) {
      table(row, changes);
    } else if (cursor.skip(BEGIN)) {
      cursor.xid();
      cursor.expectEnd();
    } else if (TestDecodingMessage.startsAt(cursor)) {
      changes.accept(TestDecodingMessage.read(cursor, row.lsn()));
    } else if (!cursor.startsWith(COMMIT)) {
      throw cursor.expected("BEGIN, COMMIT, table or message");
    }
  }

  private void table(RawRow row, Consumer<Change> changes) {
    Relation relation = relation();
    if (cursor.skip(INSERT)) {
      changes.accept(insert(row.lsn(), relation, relation.as(row.xid())));
    } else if (cursor.skip(UPDATE)) {
      changes.accept(update(row.lsn(), relation, relation.as(row.xid())));
    } else if (cursor.skip(DELETE)) {
      changes.accept(delete(row.lsn(), relation, relation.as(row.xid())));
    } else {
      truncate(row.lsn(), relation.name, changes);
    }
  }

  private RowChange insert(Lsn lsn, Relation relation, TableView table) {
    Row after = newRow(relation);
    List<String> key = table.keys().ofRow(after, null);
    return new RowChange(lsn, Operation.INSERT, relation.name, key, null, after);
  }

  private RowChange update(Lsn lsn, Relation relation, TableView table) {
    if (!cursor.skip(OLD_KEY)) {
      Row after = newRow(relation);
      List<String> key = table.keys().ofRow(after, null);
      return new RowChange(lsn, Operation.UPDATE, relation.name, key, null, after);
    }
    Row old = tuples.read(relation);
    cursor.expect(NEW_TUPLE);
    Row after = newRow(relation);
    List<String> key = table.keys().ofOldRow(old, null);
    Row before = table.withNulls(old, after.columns());
    return new RowChange(lsn, Operation.UPDATE, relation.name, key, before, after);
  }

  private RowChange delete(Lsn lsn, Relation relation, TableView table) {
    if (cursor.skip(NO_DATA)) {
      cursor.expectEnd();
      Row nothing = new Row(List.of(), List.of());
      List<String> key = table.keys().ofOldRow(nothing, null);
      return new RowChange(lsn, Operation.DELETE, relation.name, key, nothing, null);
    }
    Row old = tuples.read(relation);
    cursor.expectEnd();
    List<String> key = table.keys().ofOldRow(old, null);
    return new RowChange(lsn, Operation.DELETE, relation.name, key, table.withNulls(old), null);
  }

  private Row newRow(Relation relation) {
    if (cursor.startsWith(NO_DATA)) {
      throw cursor.expected("a new row (the WAL holds none: was wal_level lowered for a time?)");
    }
    Row row = tuples.read(relation);
    cursor.expectEnd();
    return row;
  }

  private void truncate(Lsn lsn, TableName first, Consumer<Change> changes) {
    List<TableName> tables = new ArrayList<>(1);
    tables.add(first);
    while (cursor.skip(NEXT_TABLE)) {
      tables.add(Identifiers.qualified(cursor));
    }
    cursor.expect(TRUNCATE);
    boolean flags = !cursor.skip(NO_FLAGS);
    boolean restart = flags && cursor.skip(RESTART);
    boolean cascade = flags && cursor.skip(CASCADE);
    cursor.expectEnd();
    for (TableName table : tables) {
      changes.accept(new Truncate(lsn, table, cascade, restart));
    }
  }

  /** Reads a table's name, or rather compares it with the names seen before. */
  private Relation relation() {
    int from = cursor.position();
    int to = endOfName(from);
    Relation known = relations.get(cursor.bytes(), from, to);
    if (known != null) {
      cursor.moveTo(to);
      return known;
    }
    TableName name = Identifiers.qualified(cursor);
    Relation relation = new Relation(name, new TableView.Views(catalog.table(name), types));
    relations.add(cursor.bytes(), from, cursor.position(), relation);
    return relation;
  }

  /** Where a name ends in which colons and commas may be quoted. */
  private int endOfName(int from) {
    byte[] bytes = cursor.bytes();
    boolean quoted = false;
    int at = from;
    while (at < bytes.length && (quoted || (bytes[at] != ':' && bytes[at] != ','))) {
      quoted ^= bytes[at++] == '"';
    }
    return at;
  }

  /** A table, with the columns its rows have had. */
  static final class Relation {
    private final TableName name;
    private final TableView.Views views;
    private @Nullable TableView view;

    /** The start of its rows' columns, for the transactions that saw the table alike. */
    ColumnPath columnsSeen = ColumnPath.root();

    private Relation(TableName name, TableView.Views views) {
      this.name = name;
      this.views = views;
    }

    /** The table as a transaction saw it, whose rows are read next. */
    @SuppressWarnings("ReferenceEquality")
    private TableView as(long xid) {
      TableView next = views.of(xid);
      if (next != view) {
        view = next;
        columnsSeen = ColumnPath.root();
      }
      return next;
    }

    Column column(String column, String type) {
      return view().column(column, type);
    }

    boolean isVirtual(String column) {
      return view().isVirtual(column);
    }

    private TableView view() {
      return Objects.requireNonNull(view, "rows are read as a transaction saw their table");
    }
  }
}

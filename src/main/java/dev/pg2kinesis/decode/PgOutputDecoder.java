package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code pgoutput}, version 1 of the protocol in "Logical Replication Message Formats"
 * (PostgreSQL documentation). Later versions add streaming of open transactions and two-phase
 * commit, which a peek does not use, since it returns whole committed transactions.
 *
 * <p>Relation messages stay valid until the next one of the same relation or the end of the peek.
 */
final class PgOutputDecoder implements Decoder {

  private static final int CASCADE = 1;
  private static final int RESTART_IDENTITY = 2;

  private final Catalog catalog;
  private final PgOutputTypes types;
  private final Map<Integer, PgOutputRelation> relations = new HashMap<>();

  /**
   * @param catalog for user-defined types and the order of key columns
   */
  PgOutputDecoder(Catalog catalog) {
    this.catalog = catalog;
    this.types = new PgOutputTypes(catalog.types());
  }

  /** See {@link CommitReader}. */
  static @Nullable Commit commitOf(RawRow row) {
    return switch (kind(row)) {
      case 'C' -> PgOutputTransaction.commit(row);
      case 'M' -> PgOutputMessage.commitOf(row);
      default -> null;
    };
  }

  @Override
  public void decode(RawRow row, Consumer<Change> changes) {
    switch (kind(row)) {
      case 'I' -> changes.accept(insert(row));
      case 'U' -> changes.accept(update(row));
      case 'D' -> changes.accept(delete(row));
      case 'T' -> truncate(row, changes);
      case 'M' -> changes.accept(PgOutputMessage.read(row));
      case 'R' -> relation(row);
      case 'Y' -> type(row);
      case 'B' -> PgOutputTransaction.begin(row);
      case 'C' -> PgOutputTransaction.commit(row);
      case 'O' -> PgOutputTransaction.origin(row);
      default ->
          throw new DecodeException(
              Plugin.PGOUTPUT,
              row.lsn(),
              0,
              "a message of type B, C, O, R, Y, I, U, D, T or M (others come only from a slot"
                  + " created with two_phase, which must be created again without)");
    }
  }

  /** The first byte, or 0, which is no message's type, where there is none. */
  private static byte kind(RawRow row) {
    return row.bytes().length == 0 ? 0 : row.bytes()[0];
  }

  private void type(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Type");
    int oid = in.int32("id");
    String namespace = in.string("namespace");
    String name = in.string("name");
    in.end();
    types.announce(oid, namespace, name);
  }

  private void relation(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Relation");
    int oid = in.int32("id");
    relations.put(oid, PgOutputRelation.read(in, oid, row.xid(), types, catalog));
  }

  private PgOutputRelation known(PgOutputReader in) {
    PgOutputRelation relation = relations.get(in.int32("relation"));
    if (relation == null) {
      throw in.expectedBefore("relation", Integer.BYTES, "the id of a relation sent in this peek");
    }
    return relation;
  }

  private Change insert(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Insert");
    PgOutputRelation relation = known(in);
    if (in.int8("kind") != 'N') {
      throw in.expectedBefore("kind", "N");
    }
    return change(row, Operation.INSERT, relation, null, last(in, relation));
  }

  private Change update(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Update");
    PgOutputRelation relation = known(in);
    int kind = in.int8("kind");
    Row before = null;
    if (kind != 'N') {
      before = before(in, relation, kind, "K, O or N");
      kind = in.int8("kind");
    }
    if (kind != 'N') {
      throw in.expectedBefore("kind", "N");
    }
    return change(row, Operation.UPDATE, relation, before, last(in, relation));
  }

  private Change delete(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Delete");
    PgOutputRelation relation = known(in);
    Row before = before(in, relation, in.int8("kind"), "K or O");
    in.end();
    return change(row, Operation.DELETE, relation, before, null);
  }

  private static Row last(PgOutputReader in, PgOutputRelation relation) {
    Row after = relation.row(in, "new");
    in.end();
    return after;
  }

  private static Row before(PgOutputReader in, PgOutputRelation relation, int kind, String kinds) {
    return switch (kind) {
      case 'K' -> relation.identity(in, "key");
      case 'O' -> relation.row(in, "old");
      default -> throw in.expectedBefore("kind", kinds);
    };
  }

  private static Change change(
      RawRow row,
      Operation operation,
      PgOutputRelation relation,
      @Nullable Row before,
      @Nullable Row after) {
    return new Change.RowChange(
        row.lsn(), operation, relation.table(), relation.key(), before, after);
  }

  private void truncate(RawRow row, Consumer<Change> changes) {
    PgOutputReader in = new PgOutputReader(row, "Truncate");
    int count = in.int32("relations");
    int options = in.int8("options");
    if ((options & ~(CASCADE | RESTART_IDENTITY)) != 0) {
      throw in.expectedBefore("options", "0, 1, 2 or 3");
    }
    if (count < 1 || (long) count * Integer.BYTES != row.bytes().length - 6) {
      throw in.expected("relation", "as many ids as the number before says");
    }
    List<TableName> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tables.add(known(in).table());
    }
    for (TableName table : tables) {
      changes.accept(
          new Change.Truncate(
              row.lsn(), table, (options & CASCADE) != 0, (options & RESTART_IDENTITY) != 0));
    }
  }
}

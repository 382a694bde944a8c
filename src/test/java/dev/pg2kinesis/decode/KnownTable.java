package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog.Attribute;
import dev.pg2kinesis.change.Catalog.Attribute.State;
import dev.pg2kinesis.change.Catalog.Index;
import dev.pg2kinesis.change.Catalog.ReplicaIdentity;
import dev.pg2kinesis.change.Catalog.Table;
import dev.pg2kinesis.change.Column;
import java.util.ArrayList;
import java.util.List;

/** Builds tables of a catalog. */
final class KnownTable {

  private ReplicaIdentity identity = ReplicaIdentity.DEFAULT;
  private final List<Index> indexes = new ArrayList<>();
  private final List<Attribute> attributes = new ArrayList<>();
  private List<String> virtual = List.of();

  static KnownTable withoutKey() {
    return new KnownTable();
  }

  static KnownTable withKey(String... columns) {
    return new KnownTable().index(Index.primaryKey(List.of(columns)));
  }

  KnownTable index(Index index) {
    indexes.add(index);
    return this;
  }

  /** An index that can be a replica identity, and is not the primary key. */
  KnownTable unique(String... columns) {
    return index(new Index(List.of(columns), false, Index.Identity.NONE, false, null));
  }

  /** The index that is the replica identity. */
  KnownTable identity(String... columns) {
    identity = ReplicaIdentity.INDEX;
    return index(new Index(List.of(columns), false, Index.Identity.NOW, false, null));
  }

  KnownTable full() {
    identity = ReplicaIdentity.FULL;
    return this;
  }

  /** Columns that were not altered; integers alone have a fixed length. */
  KnownTable columns(List<Column> columns) {
    columns.forEach(column -> column(column, State.SAME));
    return this;
  }

  KnownTable column(Column column, State state) {
    attributes.add(new Attribute(column, false, isToastable(column), state, null));
    return this;
  }

  private static boolean isToastable(Column column) {
    return !column.type().name().equals("integer");
  }

  /** A column that is declared NOT NULL. */
  KnownTable notNull(Column column) {
    attributes.add(new Attribute(column, true, isToastable(column), State.SAME, null));
    return this;
  }

  KnownTable virtual(String... columns) {
    virtual = List.of(columns);
    return this;
  }

  Table build() {
    return new Table(identity, null, List.copyOf(indexes), List.copyOf(attributes), virtual);
  }
}

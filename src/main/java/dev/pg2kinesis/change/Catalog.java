package dev.pg2kinesis.change;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the database's catalog says of its tables and types: a snapshot taken before a peek, for the
 * things that an output plugin does not print.
 *
 * <p>Changes may be older than the snapshot. So what a plugin prints comes first, and the catalog
 * fills in what is missing. It also says by which transaction a table was last altered, if that may
 * be younger than a change that waits; see {@link Table#asOf}.
 *
 * @param tables the tables by name
 * @param names the names of tables by object id
 * @param types user-defined types by object id
 * @param money how amounts of money are written in the database
 */
public record Catalog(
    Map<TableName, Table> tables,
    Map<Integer, TableName> names,
    Map<Integer, UserType> types,
    Money money) {

  /** A catalog that knows nothing. */
  public static final Catalog EMPTY = new Catalog(Map.of(), Map.of());

  /** A catalog of a database whose amounts of money have two decimals. */
  public Catalog(Map<TableName, Table> tables, Map<Integer, UserType> types) {
    this(tables, Map.of(), types, Money.TWO_DECIMALS);
  }

  /**
   * The table of that name, or {@link Table#UNKNOWN} if it was dropped or renamed since, or created
   * after the snapshot.
   */
  public Table table(TableName name) {
    return tables.getOrDefault(name, Table.UNKNOWN);
  }

  /**
   * The table with that object id, whatever its name is now; otherwise the table of that name.
   *
   * @param name the name at the time of the change
   */
  public Table table(int oid, TableName name) {
    return table(names.getOrDefault(oid, name));
  }

  /**
   * A type that is not built in.
   *
   * @param schema the schema's name, empty for {@code pg_catalog}
   * @param typname the name in {@code pg_type}, which for an array is not that of its elements
   * @param type the type
   */
  public record UserType(String schema, String typname, Type type) {}

  /** What identifies a row in its old version: {@code relreplident}. */
  public enum ReplicaIdentity {
    DEFAULT,
    INDEX,
    FULL,
    NOTHING
  }

  /**
   * A table.
   *
   * @param identity its replica identity
   * @param alteredBy the transaction that last altered the table itself, its replica identity for
   *     instance; null if it is older than every change that waits
   * @param indexes its unique indexes that are or could be a replica identity: the primary key
   *     first, then that of {@code REPLICA IDENTITY USING INDEX}, then the others
   * @param attributes its columns in table order, dropped ones included and virtual ones not. For
   *     wal2json those of all tables. Otherwise those of tables with columns that were altered
   *     lately, and for test_decoding those of tables that are {@code FULL} or were altered lately
   *     and, of any table, those of a type that is not built in
   * @param virtual names of virtual generated columns (PostgreSQL 18 and newer), which the text
   *     plugins print as NULL since the WAL does not hold them
   */
  public record Table(
      ReplicaIdentity identity,
      @Nullable Long alteredBy,
      List<Index> indexes,
      List<Attribute> attributes,
      List<String> virtual) {

    /** A table of which nothing is known. */
    public static final Table UNKNOWN =
        new Table(ReplicaIdentity.DEFAULT, null, List.of(), List.of(), List.of());

    /** A table with a primary key and the default replica identity. */
    public static Table withPrimaryKey(String... columns) {
      return new Table(
          ReplicaIdentity.DEFAULT,
          null,
          List.of(Index.primaryKey(List.of(columns))),
          List.of(),
          List.of());
    }

    public boolean full() {
      return identity == ReplicaIdentity.FULL;
    }

    /** The primary key, or null. */
    public @Nullable Index primaryKey() {
      return indexes.isEmpty() || !indexes.get(0).primary() ? null : indexes.get(0);
    }

    /**
     * The columns that tell rows apart, in key order: those of the index that is the replica
     * identity, else of the primary key; empty if the table has neither.
     */
    public List<String> key() {
      if (identity == ReplicaIdentity.INDEX) {
        for (Index index : indexes) {
          if (index.identity() == Index.Identity.NOW) {
            return index.columns();
          }
        }
      }
      Index primaryKey = primaryKey();
      return primaryKey == null ? List.of() : primaryKey.columns();
    }

    /** The first index that has exactly these columns, in whatever order, or null. */
    public @Nullable Index indexOf(Collection<String> columns) {
      for (Index index : indexes) {
        if (index.has(columns)) {
          return index;
        }
      }
      return null;
    }

    /**
     * The last of the transactions that altered the table, an index or a column of it: to all that
     * came later the table was as it is. Null if that is all.
     */
    public @Nullable Long lastAlteredBy() {
      Long last = alteredBy;
      for (Index index : indexes) {
        last = index.identity() == Index.Identity.NONE ? last : later(last, index.alteredBy());
      }
      for (Attribute attribute : attributes) {
        last = later(last, attribute.alteredBy());
      }
      return last;
    }

    private static @Nullable Long later(@Nullable Long a, @Nullable Long b) {
      return b == null || (a != null && isOlder(b, a)) ? a : b;
    }

    /**
     * The table as far as it can be told for rows that a transaction changed: columns that were
     * altered since are {@link Attribute.State#ALTERED}, and the replica identity is the one before
     * its last alteration. Where it may have been or not have been {@code FULL}, {@link #alteredBy}
     * is still there.
     *
     * <p>Transactions are compared by their ids. An ALTER TABLE waits for all transactions that
     * changed the table's rows and takes its id after that, unless it is part of a transaction that
     * had one before; so the order of ids is the order in which rows and table were changed.
     */
    public Table asOf(long xid) {
      List<Index> indexesThen = indexes.stream().map(index -> index.asOf(xid)).toList();
      List<Attribute> attributesThen = new ArrayList<>(attributes.size());
      attributes.forEach(attribute -> attribute.addAsOf(xid, attributesThen));
      boolean byIndex =
          indexesThen.stream().anyMatch(index -> index.identity() == Index.Identity.NOW);
      ReplicaIdentity identityThen =
          byIndex
              ? ReplicaIdentity.INDEX
              : identity == ReplicaIdentity.INDEX ? ReplicaIdentity.DEFAULT : identity;
      // To add a column alters the table too, and says nothing of its replica identity.
      boolean certain =
          byIndex
              || isOlder(alteredBy, xid)
              || attributes.stream()
                  .anyMatch(attribute -> Objects.equals(attribute.alteredBy(), alteredBy));
      return new Table(
          identityThen, certain ? null : alteredBy, indexesThen, attributesThen, virtual);
    }
  }

  /**
   * Whether something was altered by a transaction whose id comes before another's.
   *
   * @param alteredBy null if it was altered by none that counts
   */
  public static boolean isOlder(@Nullable Long alteredBy, long xid) {
    // Ids go round and are compared within half of their circle, as the server compares them.
    return alteredBy == null || (int) (alteredBy - xid) < 0;
  }

  /**
   * A unique index.
   *
   * @param columns its key columns in the index's order
   * @param primary whether it is the primary key
   * @param identity whether it is or was the index of {@code REPLICA IDENTITY USING INDEX}
   * @param deferrable whether it is checked at the end of a transaction, which no replica identity
   *     is
   * @param alteredBy the transaction that last altered this; null if it is older than every change
   *     that waits
   */
  public record Index(
      List<String> columns,
      boolean primary,
      Identity identity,
      boolean deferrable,
      @Nullable Long alteredBy) {

    /** Whether an index is the replica identity. */
    public enum Identity {
      NONE,
      NOW,
      /** Until the table was given another one. */
      BEFORE
    }

    /** A primary key. */
    public static Index primaryKey(List<String> columns) {
      return new Index(columns, true, Identity.NONE, false, null);
    }

    /** Whether it has exactly these columns, in whatever order. */
    public boolean has(Collection<String> names) {
      Set<String> all = new HashSet<>(names);
      return all.size() == columns.size() && all.containsAll(columns);
    }

    /** The same index, with other names for some of its columns. */
    public Index renamed(Map<String, String> names) {
      List<String> renamed =
          columns.stream().map(column -> names.getOrDefault(column, column)).toList();
      return new Index(renamed, primary, identity, deferrable, alteredBy);
    }

    private Index asOf(long xid) {
      boolean before = isOlder(alteredBy, xid);
      Identity then =
          switch (identity) {
            case NONE -> Identity.NONE;
            case NOW -> before ? Identity.NOW : Identity.NONE;
            case BEFORE -> before ? Identity.NONE : Identity.NOW;
          };
      return new Index(columns, primary, then, deferrable, null);
    }
  }

  /**
   * A column of a table, or the gap that a dropped one leaves.
   *
   * @param column the column as it is now
   * @param notNull whether it is declared {@code NOT NULL}
   * @param toastable whether values of its type can be stored out of line
   * @param state how it compares with what it was
   * @param alteredBy the transaction that last altered it; null if it is as it was created with the
   *     table, or if that transaction is older than every change that waits
   */
  public record Attribute(
      Column column, boolean notNull, boolean toastable, State state, @Nullable Long alteredBy) {

    /** How a column compares with what it was when a row was written. */
    public enum State {
      /** The same. */
      SAME,
      /** Perhaps not there yet, perhaps under another name or with another type. */
      ALTERED,
      /** There is no such column now. */
      DROPPED
    }

    private void addAsOf(long xid, List<Attribute> attributes) {
      if (!isOlder(alteredBy, xid)) {
        State then = state == State.DROPPED ? state : State.ALTERED;
        attributes.add(new Attribute(column, notNull, toastable, then, null));
      } else if (state != State.DROPPED) {
        attributes.add(this);
      }
    }
  }
}

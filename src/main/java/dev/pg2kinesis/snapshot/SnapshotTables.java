package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.TablePatterns;
import dev.pg2kinesis.slot.TableCandidate;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Chooses the tables of a snapshot and says why others cannot be loaded. Pure. */
public final class SnapshotTables {

  private static final Set<Operation> CHANGES_OF_ROWS =
      EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);

  private SnapshotTables() {}

  /**
   * The tables that the patterns name.
   *
   * @param patterns psql patterns; a partitioned table's name stands for its partitions where the
   *     slot's plugin names these
   * @param candidates the database's tables
   * @param filter what of them is published
   * @param whole whether tables without a key are wanted too
   * @throws SnapshotRefusedException naming each table that cannot be loaded, and each pattern that
   *     matches none
   */
  public static List<Table> chosen(
      List<String> patterns, List<TableCandidate> candidates, ChangeFilter filter, boolean whole) {
    List<String> problems = new ArrayList<>();
    if (!filter.operations().containsAll(CHANGES_OF_ROWS)) {
      problems.add("OPERATIONS leaves out inserts, updates or deletes, which would have to follow");
    }
    List<Table> tables = new ArrayList<>();
    List<TablePatterns> unmatched = new ArrayList<>();
    List<TablePatterns> parsed = patterns.stream().map(TablePatterns::parse).toList();
    unmatched.addAll(parsed);
    for (TableCandidate candidate : candidates) {
      List<TablePatterns> matching =
          parsed.stream().filter(pattern -> matches(pattern, candidate)).toList();
      if (matching.isEmpty()
          || isOnlyARoot(candidate, candidates)
          || isPartOfAChosenRoot(candidate, candidates, parsed)) {
        continue;
      }
      unmatched.removeAll(matching);
      String problem = problem(candidate, candidates, filter, whole);
      if (problem == null) {
        tables.add(Table.waiting(candidate.table(), candidate.estimatedRows()));
      } else {
        problems.add(candidate.table() + " " + problem);
      }
    }
    for (TablePatterns pattern : unmatched) {
      problems.add("no table matches " + patterns.get(parsed.indexOf(pattern)));
    }
    if (!problems.isEmpty()) {
      throw new SnapshotRefusedException(String.join("; ", problems) + ". Nothing was started.");
    }
    return tables;
  }

  private static boolean matches(TablePatterns pattern, TableCandidate candidate) {
    return pattern.matches(candidate.table())
        || candidate.ancestors().stream().anyMatch(pattern::matches);
  }

  /** Whether changes carry the names of this table's partitions and never its own. */
  private static boolean isOnlyARoot(TableCandidate candidate, List<TableCandidate> candidates) {
    return candidate.kind().equals("p")
        && !candidate.published()
        && candidates.stream().anyMatch(other -> other.ancestors().contains(candidate.table()));
  }

  private static @Nullable String problem(
      TableCandidate table, List<TableCandidate> all, ChangeFilter filter, boolean whole) {
    switch (table.kind()) {
      case "v", "m" -> {
        return "is a view, which has no changes; load the tables below it";
      }
      case "f" -> {
        return "is a foreign table, whose changes are not in this server's WAL";
      }
      default -> {}
    }
    if (table.unlogged()) {
      return "is unlogged or temporary, so that its changes are not in the WAL";
    }
    if (!filter.accepts(table.table())) {
      return "is left out by TABLES or EXCLUDE_TABLES";
    }
    if (!table.published()) {
      TableCandidate root = publishedRoot(table, all);
      return root != null
          ? "is a partition of " + root.table() + "; name that table"
          : "is not published with inserts, updates, deletes and truncates, so that its changes"
              + " would not follow; add it to a publication of PUBLICATION_NAMES";
    }
    if (table.identityNothing()) {
      return "has REPLICA IDENTITY NOTHING, so that its updates and deletes carry no key";
    }
    if (!table.hasKey() && !whole) {
      return "has no primary key or replica identity index; add \"whole\":true to read it in one"
          + " chunk, after which rows cannot be told from repeats";
    }
    if (!table.readable()) {
      return "may not be read by the role: GRANT SELECT on it and USAGE on its schema";
    }
    if (table.rowSecurity()) {
      return "has row-level security that hides rows from the role: it needs BYPASSRLS";
    }
    return null;
  }

  private static @Nullable TableCandidate publishedRoot(
      TableCandidate table, List<TableCandidate> all) {
    return all.stream()
        .filter(other -> other.published() && table.ancestors().contains(other.table()))
        .findFirst()
        .orElse(null);
  }

  /** With {@code publish_via_partition_root} changes carry the root's name and not the parts'. */
  private static boolean isPartOfAChosenRoot(
      TableCandidate table, List<TableCandidate> all, List<TablePatterns> patterns) {
    TableCandidate root = table.published() ? null : publishedRoot(table, all);
    return root != null && patterns.stream().anyMatch(pattern -> pattern.matches(root.table()));
  }
}

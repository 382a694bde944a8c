package dev.pg2kinesis.chaos;

import dev.pg2kinesis.chaos.Event.Operation;
import dev.pg2kinesis.chaos.Event.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that keeps copies of tables by the rule of {@code src/docs/consumers.md}: each value
 * has a position and is replaced only by one with a newer position. Where records have no position,
 * the order of arrival takes its place.
 */
final class TableCopies {

  private static final String SCHEMA = "public.";
  private static final Position NEVER = new Position(0, 0);

  private final boolean positions;
  private final Map<String, Map<List<String>, RowCopy>> tables = new HashMap<>();
  private final Map<String, Position> truncated = new HashMap<>();
  private final Set<String> moved = new HashSet<>();
  private long arrived;

  /**
   * @param positions whether the positions of records count, and not the order of arrival
   */
  TableCopies(boolean positions) {
    this.positions = positions;
  }

  private static final class RowCopy {
    private Position position = NEVER;
    private boolean deleted = true;
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Position> valuePositions = new HashMap<>();
  }

  void apply(Event event) {
    List<String> keyColumns = keyColumns(event.table());
    Position own = event.position();
    Position at = positions && own != null ? own : new Position(0, ++arrived);
    if (event.operation() == Operation.OTHER || keyColumns == null) {
      return;
    }
    if (event.operation() == Operation.TRUNCATE) {
      truncate(event.table(), at);
      return;
    }
    List<String> key = key(event.row(), keyColumns);
    if (key == null) {
      return;
    }
    Map<String, String> before = new HashMap<>(event.row());
    before.putAll(event.old());
    List<String> oldKey = key(before, keyColumns);
    if (event.operation() == Operation.UPDATE && oldKey != null && !oldKey.equals(key)) {
      delete(row(event.table(), oldKey), at);
      moved.add(event.table() + key);
    }
    RowCopy row = row(event.table(), key);
    if (event.operation() == Operation.DELETE) {
      delete(row, at);
      return;
    }
    if (row.position.compareTo(at) < 0) {
      row.position = at;
      row.deleted = false;
    }
    event
        .row()
        .forEach(
            (name, value) -> {
              if (row.valuePositions.getOrDefault(name, NEVER).compareTo(at) < 0) {
                row.valuePositions.put(name, at);
                row.values.put(name, value);
              }
            });
    // An insert without one of its values is the second half of a change of the key.
    if (event.operation() == Operation.INSERT && !event.row().containsKey("note")) {
      moved.add(event.table() + key);
    }
  }

  private static @Nullable List<String> keyColumns(String table) {
    return table.startsWith(SCHEMA) ? Workload.KEYS.get(table.substring(SCHEMA.length())) : null;
  }

  private static @Nullable List<String> key(Map<String, String> row, List<String> columns) {
    List<String> key = new ArrayList<>();
    for (String column : columns) {
      String value = row.get(column);
      if (value == null) {
        return null;
      }
      key.add(value);
    }
    return key;
  }

  private RowCopy row(String table, List<String> key) {
    return tables
        .computeIfAbsent(table, t -> new HashMap<>())
        .computeIfAbsent(
            key,
            k -> {
              RowCopy row = new RowCopy();
              row.position = truncated.getOrDefault(table, NEVER);
              return row;
            });
  }

  private static void delete(RowCopy row, Position at) {
    if (row.position.compareTo(at) < 0) {
      row.position = at;
      row.deleted = true;
    }
  }

  private void truncate(String table, Position at) {
    truncated.merge(table, at, (a, b) -> a.compareTo(b) < 0 ? b : a);
    tables.getOrDefault(table, Map.of()).values().forEach(row -> delete(row, at));
  }

  /** Where the copies differ from the tables. */
  List<String> differences(Admin admin) {
    List<String> differences = new ArrayList<>();
    Map<String, List<String>> columns = new HashMap<>();
    admin
        .rows(
            "SELECT relname, attname FROM pg_attribute, pg_class"
                + " WHERE attnum > 0 AND NOT attisdropped AND attrelid = pg_class.oid"
                + " AND relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY attnum")
        .forEach(
            row ->
                columns
                    .computeIfAbsent(String.valueOf(row.get(0)), t -> new ArrayList<>())
                    .add(String.valueOf(row.get(1))));
    for (String table : Workload.KEYS.keySet()) {
      Map<List<String>, Map<String, String>> source =
          source(admin, table, columns.getOrDefault(table, List.of()));
      Map<List<String>, RowCopy> copies = tables.getOrDefault(SCHEMA + table, Map.of());
      source.forEach((key, row) -> compare(table, key, row, copies.get(key), differences));
      copies.forEach(
          (key, copy) -> {
            if (!copy.deleted && !source.containsKey(key)) {
              differences.add("the copy of " + table + " has " + key + ", the table has not");
            }
          });
    }
    return differences;
  }

  private void compare(
      String table,
      List<String> key,
      Map<String, String> row,
      @Nullable RowCopy copy,
      List<String> differences) {
    if (copy == null || copy.deleted) {
      differences.add("the copy of " + table + " does not have " + key);
      return;
    }
    row.forEach(
        (name, value) -> {
          // A column that was added since the row was written is NULL, and no record says so.
          String kept = copy.values.getOrDefault(name, Event.NULL);
          boolean lostWithItsKey = name.equals("note") && moved.contains(SCHEMA + table + key);
          if (!kept.equals(value) && !lostWithItsKey) {
            differences.add(
                "the copy of "
                    + table
                    + " has another "
                    + name
                    + " in "
                    + key
                    + ": "
                    + brief(kept)
                    + " instead of "
                    + brief(value));
          }
        });
  }

  private static String brief(String value) {
    return value.length() > 40 ? value.substring(0, 40) + "…" : value;
  }

  private static Map<List<String>, Map<String, String>> source(
      Admin admin, String table, List<String> columns) {
    Map<List<String>, Map<String, String>> rows = new LinkedHashMap<>();
    if (columns.isEmpty()) {
      return rows; // a table that was not created
    }
    List<String> keyColumns = Workload.KEYS.getOrDefault(table, List.of());
    String texts =
        columns.stream()
            .map(column -> SqlNames.quoted(column) + "::text")
            .collect(Collectors.joining(", "));
    for (List<@Nullable String> found :
        admin.rows("SELECT " + texts + " FROM ONLY " + SqlNames.quoted(table))) {
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        String value = found.get(i);
        row.put(columns.get(i), value == null ? Event.NULL : value);
      }
      List<String> key = key(row, keyColumns);
      if (key != null) {
        rows.put(key, row);
      }
    }
    return rows;
  }
}

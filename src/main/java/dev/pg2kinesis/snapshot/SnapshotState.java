package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.aws.PlainJson;
import dev.pg2kinesis.change.TableName;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far a snapshot has come, as it is kept between runs. It holds key values, which are row data.
 *
 * @param started when the snapshot was asked for; the time that its records carry
 * @param tables the tables, in the order in which they are read
 * @param cursor where the table that is being read goes on; null before its first chunk
 * @param unsettled transactions that are decoded, or may be, and that new database snapshots do not
 *     show yet, by the lower 32 bits of their ids; null where they have to be looked for
 */
public record SnapshotState(
    Instant started,
    List<Table> tables,
    @Nullable Cursor cursor,
    @Nullable Set<Integer> unsettled) {

  /** What became of a table. */
  public enum Phase {
    WAITING,
    READING,
    DONE,
    FAILED;

    /** The name in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A table.
   *
   * @param name the name that its changes carry
   * @param phase how far it is
   * @param rows rows published so far
   * @param estimate the planner's estimate of its rows when it was last looked at; negative if
   *     unknown
   * @param began when its first chunk was read; null before that and after the last
   * @param problem why it failed: a code and an explanation; null otherwise
   */
  public record Table(
      TableName name,
      Phase phase,
      long rows,
      long estimate,
      @Nullable Instant began,
      @Nullable String problem) {

    /** A table that is not read yet. */
    public static Table waiting(TableName name, long estimate) {
      return new Table(name, Phase.WAITING, 0, estimate, null, null);
    }

    Table reading(long newRows) {
      return new Table(name, Phase.READING, newRows, estimate, began, null);
    }

    Table done(long newRows) {
      return new Table(name, Phase.DONE, newRows, estimate, null, null);
    }

    Table failed(String why) {
      return new Table(name, Phase.FAILED, rows, estimate, null, why);
    }

    /** The same with the code alone of what is wrong. */
    Table brief() {
      int end = problem == null ? -1 : problem.indexOf(": ");
      return end < 0 || problem == null
          ? this
          : new Table(name, phase, rows, estimate, began, problem.substring(0, end));
    }

    boolean isUnfinished() {
      return phase == Phase.WAITING || phase == Phase.READING;
    }
  }

  /**
   * A place in a table.
   *
   * @param after the key of the last row that was published
   * @param shape a fingerprint of the table's columns and key; a change of these starts it again
   */
  public record Cursor(List<String> after, String shape) {}

  /** A snapshot of these tables that has not begun. */
  public static SnapshotState begin(Instant started, List<Table> tables) {
    return new SnapshotState(started, List.copyOf(tables), null, null);
  }

  /** The table to read next, or null when all are done or failed. */
  public @Nullable Table next() {
    for (Table table : tables) {
      if (table.isUnfinished()) {
        return table;
      }
    }
    return null;
  }

  /**
   * This snapshot with further tables. Tables that are being loaded go on where they are.
   *
   * @param now when the further tables were asked for
   * @param restart whether the further tables start at the beginning, also if they are being loaded
   */
  public SnapshotState adding(Instant now, List<Table> further, boolean restart) {
    Set<TableName> named = further.stream().map(Table::name).collect(Collectors.toSet());
    Table current = next();
    boolean keepsCursor = current != null && !(restart && named.contains(current.name()));
    List<Table> all = new ArrayList<>();
    for (Table table : tables) {
      if (!named.contains(table.name()) || (table.isUnfinished() && !restart)) {
        all.add(table);
      }
    }
    Set<TableName> kept = all.stream().map(Table::name).collect(Collectors.toSet());
    further.stream().filter(table -> !kept.contains(table.name())).forEach(all::add);
    return current == null
        ? new SnapshotState(now, List.copyOf(all), null, null)
        : new SnapshotState(started, List.copyOf(all), keepsCursor ? cursor : null, unsettled);
  }

  /** This snapshot without the tables that are not done. */
  public SnapshotState stopped() {
    return new SnapshotState(
        started, tables.stream().filter(table -> !table.isUnfinished()).toList(), null, null);
  }

  SnapshotState with(Table changed, @Nullable Cursor newCursor) {
    List<Table> all = new ArrayList<>(tables);
    all.replaceAll(table -> table.name().equals(changed.name()) ? changed : table);
    return new SnapshotState(started, List.copyOf(all), newCursor, unsettled);
  }

  SnapshotState unsettled(@Nullable Set<Integer> xids) {
    return new SnapshotState(started, tables, cursor, xids == null ? null : Set.copyOf(xids));
  }

  /** The same with the codes alone of what is wrong with tables. */
  SnapshotState brief() {
    return new SnapshotState(
        started, tables.stream().map(Table::brief).toList(), cursor, unsettled);
  }

  /** The state as it is kept. */
  public String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("started", started.toString());
    fields.put("tables", tables.stream().map(SnapshotState::fields).toList());
    if (cursor != null) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("after", cursor.after());
      place.put("shape", cursor.shape());
      fields.put("cursor", place);
    }
    if (unsettled != null) {
      fields.put("unsettled", new TreeSet<>(unsettled));
    }
    return PlainJson.text(fields);
  }

  private static Map<String, Object> fields(Table table) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("schema", table.name().schema());
    fields.put("table", table.name().name());
    fields.put("state", table.phase().text());
    fields.put("rows", table.rows());
    fields.put("estimate", table.estimate());
    if (table.began() != null) {
      fields.put("began", table.began().toString());
    }
    if (table.problem() != null) {
      fields.put("problem", table.problem());
    }
    return fields;
  }

  /**
   * Reads what {@link #json()} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static SnapshotState parse(String text) {
    try {
      Map<?, ?> fields = PlainJson.fields(PlainJson.read(text));
      List<Table> tables = new ArrayList<>();
      for (Object table : list(fields, "tables")) {
        tables.add(table(PlainJson.fields(table)));
      }
      Map<?, ?> place = PlainJson.fields(fields.get("cursor"));
      return new SnapshotState(
          Instant.parse(text(fields, "started")),
          List.copyOf(tables),
          fields.containsKey("cursor")
              ? new Cursor(texts(place, "after"), text(place, "shape"))
              : null,
          fields.containsKey("unsettled") ? xids(fields, "unsettled") : null);
    } catch (IOException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("one of its times is none", e);
    }
  }

  private static Table table(Map<?, ?> fields) {
    return new Table(
        new TableName(text(fields, "schema"), text(fields, "table")),
        Phase.valueOf(text(fields, "state").toUpperCase(Locale.ROOT)),
        number(fields, "rows", 0),
        number(fields, "estimate", Long.MIN_VALUE),
        fields.containsKey("began") ? Instant.parse(text(fields, "began")) : null,
        fields.containsKey("problem") ? text(fields, "problem") : null);
  }

  private static String text(Map<?, ?> fields, String field) {
    if (!(fields.get(field) instanceof String text)) {
      throw new IllegalArgumentException("its field " + field + " is no text");
    }
    return text;
  }

  private static long number(Map<?, ?> fields, String field, long min) {
    Long number = PlainJson.asLong(fields.get(field));
    if (number == null || number < min) {
      throw new IllegalArgumentException("its field " + field + " is no number that it can be");
    }
    return number;
  }

  private static List<?> list(Map<?, ?> fields, String field) {
    if (!(fields.get(field) instanceof List<?> list)) {
      throw new IllegalArgumentException("its field " + field + " is no array");
    }
    return list;
  }

  private static List<String> texts(Map<?, ?> fields, String field) {
    List<String> texts = new ArrayList<>();
    for (Object value : list(fields, field)) {
      if (!(value instanceof String text)) {
        throw new IllegalArgumentException("its field " + field + " does not hold texts");
      }
      texts.add(text);
    }
    return List.copyOf(texts);
  }

  private static Set<Integer> xids(Map<?, ?> fields, String field) {
    Set<Integer> xids = new TreeSet<>();
    for (Object value : list(fields, field)) {
      if (!(value instanceof Integer xid)) {
        throw new IllegalArgumentException("its field " + field + " does not hold transactions");
      }
      xids.add(xid);
    }
    return Set.copyOf(xids);
  }
}

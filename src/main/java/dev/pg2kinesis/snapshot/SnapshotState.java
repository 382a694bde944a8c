package dev.pg2kinesis.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.change.TableName;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  private static final ObjectMapper JSON = new ObjectMapper();

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
  public ObjectNode node() {
    ObjectNode node = JSON.createObjectNode();
    node.put("started", started.toString());
    ArrayNode all = node.putArray("tables");
    for (Table table : tables) {
      ObjectNode one = all.addObject();
      one.put("schema", table.name().schema());
      one.put("table", table.name().name());
      one.put("state", table.phase().text());
      one.put("rows", table.rows());
      one.put("estimate", table.estimate());
      if (table.began() != null) {
        one.put("began", table.began().toString());
      }
      if (table.problem() != null) {
        one.put("problem", table.problem());
      }
    }
    if (cursor != null) {
      ObjectNode place = node.putObject("cursor");
      cursor.after().forEach(place.putArray("after")::add);
      place.put("shape", cursor.shape());
    }
    if (unsettled != null) {
      new TreeSet<>(unsettled).forEach(node.putArray("unsettled")::add);
    }
    return node;
  }

  /**
   * Reads what {@link #node()} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static SnapshotState parse(JsonNode node) {
    try {
      List<Table> tables = new ArrayList<>();
      for (JsonNode table : array(node, "tables")) {
        tables.add(
            new Table(
                new TableName(text(table, "schema"), text(table, "table")),
                Phase.valueOf(text(table, "state").toUpperCase(Locale.ROOT)),
                number(table, "rows", 0),
                number(table, "estimate", Long.MIN_VALUE),
                table.has("began") ? Instant.parse(text(table, "began")) : null,
                table.has("problem") ? text(table, "problem") : null));
      }
      JsonNode place = node.path("cursor");
      return new SnapshotState(
          Instant.parse(text(node, "started")),
          List.copyOf(tables),
          place.isMissingNode() ? null : new Cursor(texts(place, "after"), text(place, "shape")),
          node.has("unsettled") ? xids(node, "unsettled") : null);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("one of its times is none", e);
    }
  }

  private static String text(JsonNode node, String field) {
    if (!node.path(field).isTextual()) {
      throw new IllegalArgumentException("its field " + field + " is no text");
    }
    return node.path(field).asText();
  }

  private static long number(JsonNode node, String field, long min) {
    JsonNode number = node.path(field);
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < min) {
      throw new IllegalArgumentException("its field " + field + " is no number that it can be");
    }
    return number.asLong();
  }

  private static JsonNode array(JsonNode node, String field) {
    if (!node.path(field).isArray()) {
      throw new IllegalArgumentException("its field " + field + " is no array");
    }
    return node.path(field);
  }

  private static List<String> texts(JsonNode node, String field) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : array(node, field)) {
      if (!text.isTextual()) {
        throw new IllegalArgumentException("its field " + field + " does not hold texts");
      }
      texts.add(text.asText());
    }
    return List.copyOf(texts);
  }

  private static Set<Integer> xids(JsonNode node, String field) {
    Set<Integer> xids = new TreeSet<>();
    for (JsonNode xid : array(node, field)) {
      if (!xid.isInt()) {
        throw new IllegalArgumentException("its field " + field + " does not hold transactions");
      }
      xids.add(xid.asInt());
    }
    return Set.copyOf(xids);
  }
}

package dev.pg2kinesis.relay;

import static dev.pg2kinesis.relay.SnapshotRows.UNCHANGED;
import static dev.pg2kinesis.relay.SnapshotRows.fields;
import static dev.pg2kinesis.relay.SnapshotRows.key;
import static dev.pg2kinesis.relay.SnapshotRows.texts;
import static dev.pg2kinesis.relay.SnapshotRows.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.CommittedChange;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.Slot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Compares a stream with the history that a slot tells which was never advanced, and a consumer
 * that started empty with the source.
 */
final class SnapshotOracle {

  private static final String MISSING = "\u0000missing";

  private final PostgresServer server;
  private final String database;
  private final List<StreamRecord> stream;
  private final List<String> detail = new ArrayList<>();
  private final Map<String, NavigableMap<Lsn, Map<String, String>>> truth = new HashMap<>();

  /** When a row last came to a key from another one. */
  private final Map<String, Lsn> moved = new HashMap<>();

  private long repeats;

  /** Looks at the tables, which nothing has changed yet. */
  SnapshotOracle(PostgresServer server, String database, List<StreamRecord> stream) {
    this.server = server;
    this.database = database;
    this.stream = stream;
    for (TableName table : SnapshotRows.TABLES) {
      for (Map<String, String> row : rows(table)) {
        timeline(table, row).put(new Lsn(0), row);
      }
    }
  }

  /** The first things that were wrong. */
  List<String> detail() {
    return detail;
  }

  private NavigableMap<Lsn, Map<String, String>> timeline(
      TableName table, Map<String, String> row) {
    return truth.computeIfAbsent(key(table.toString(), row), key -> new TreeMap<>());
  }

  private List<Map<String, String>> rows(TableName table) {
    String columns = table.name().equals("t") ? "id, v, big" : "a, b, v, big";
    String json =
        server.query(
            database,
            "SELECT coalesce(json_agg(r), '[]') FROM (SELECT "
                + columns
                + " FROM "
                + table
                + ") r");
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode row : tree(json)) {
      Map<String, String> texts = new LinkedHashMap<>();
      row.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
      rows.add(texts);
    }
    return rows;
  }

  /** Learns what each key held after each commit, from a slot that was never advanced. */
  void readTruth(Slot slot, Duration timeout) {
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    CommitReader commits = Decoders.commitReader(slot.plugin());
    List<Change> changes = new ArrayList<>();
    try (Slot.Peek peek = slot.peek(slot.position().flush(), Integer.MAX_VALUE, timeout)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        decoder.decode(row, changes::add);
        Commit commit = commits.commitOf(row);
        if (commit != null) {
          changes.forEach(change -> apply(commit.lsn(), change));
          changes.clear();
        }
      }
    }
  }

  private void apply(Lsn lsn, Change change) {
    if (change instanceof Change.Truncate truncate) {
      String prefix = truncate.table() + ":";
      truth.forEach(
          (key, timeline) -> {
            if (key.startsWith(prefix)) {
              timeline.put(lsn, Map.of());
            }
          });
    } else if (change instanceof RowChange row) {
      Map<String, String> old = Map.of();
      if (row.before() != null) {
        Map<String, String> before = texts(row.before());
        NavigableMap<Lsn, Map<String, String>> timeline = timeline(row.table(), before);
        old = timeline.isEmpty() ? Map.of() : timeline.lastEntry().getValue();
        timeline.put(lsn, Map.of());
      }
      if (row.after() != null) {
        Map<String, String> after = texts(row.after());
        NavigableMap<Lsn, Map<String, String>> timeline = timeline(row.table(), after);
        Map<String, String> from =
            row.before() != null || timeline.isEmpty() ? old : timeline.lastEntry().getValue();
        if (row.before() != null) {
          moved.put(key(row.table().toString(), after), lsn);
        }
        after.replaceAll(
            (name, text) -> text.equals(UNCHANGED) ? from.getOrDefault(name, "?") : text);
        timeline.put(lsn, after);
      }
    }
  }

  /** How many reads are not what the table held at their place. */
  int wrongReads() {
    int wrong = 0;
    for (StreamRecord record : stream) {
      if (record.ordinal() != CommittedChange.READ_ORDINAL) {
        continue;
      }
      JsonNode node = tree(record);
      Map<String, String> row = fields(node.path("after"));
      String key = key(node.path("table").asText(), row);
      NavigableMap<Lsn, Map<String, String>> timeline = truth.getOrDefault(key, new TreeMap<>());
      var before = timeline.lowerEntry(record.commitLsn());
      if (before == null || !before.getValue().equals(row)) {
        wrong++;
        note("read of " + key + " at " + record.commitLsn() + " is not what the table held");
      }
    }
    return wrong;
  }

  private void note(String what) {
    if (detail.size() < 5) {
      detail.add(what);
    }
  }

  /**
   * How many records have the identity of another one and other bytes, or arrive for the first time
   * after a newer one of their key.
   */
  int unequalOrDisordered() {
    Map<String, String> first = new HashMap<>();
    Map<String, StreamRecord> newest = new HashMap<>();
    int wrong = 0;
    for (StreamRecord record : stream) {
      String text = new String(record.payload(), StandardCharsets.UTF_8);
      String identity = record.commitLsn() + ":" + record.ordinal() + ":" + record.partitionKey();
      String other = first.putIfAbsent(identity, text);
      if (other != null) {
        repeats += record.ordinal() == CommittedChange.READ_ORDINAL ? 1 : 0;
        if (!other.equals(text)) {
          wrong++;
          note("two records of " + identity);
        }
        continue;
      }
      StreamRecord last = newest.put(record.partitionKey(), record);
      if (last != null
          && !new Applied(last.commitLsn(), last.ordinal(), Map.of()).isOlderThan(record)) {
        wrong++;
        note(identity + " arrives after a newer one");
      }
    }
    return wrong;
  }

  /** How many reads came again with the same identity; known once that was looked at. */
  long repeats() {
    return repeats;
  }

  /** A key's newest identity, and its row; an empty one where it was deleted. */
  private record Applied(Lsn commit, long ordinal, Map<String, String> row) {
    boolean isOlderThan(StreamRecord record) {
      int order = commit.compareTo(record.commitLsn());
      return order < 0 || (order == 0 && ordinal < record.ordinal());
    }
  }

  /**
   * A loading of both tables, from its start to its end.
   *
   * @param begin the stream's length at the start
   * @param end the stream's length at the end
   * @param since what is later than this was committed while it was loaded, or shortly before
   * @param to the slot's position at the end
   */
  record Load(int begin, int end, Lsn since, Lsn to) {}

  /**
   * How many rows a consumer that starts empty with a load does not have at the load's end, or has
   * otherwise.
   */
  int missingAfter(Load load) {
    Map<String, Map<String, String>> expected = new HashMap<>();
    truth.forEach(
        (key, timeline) -> {
          var entry = timeline.floorEntry(load.to());
          if (entry != null && !entry.getValue().isEmpty()) {
            expected.put(key, entry.getValue());
          }
        });
    return missing(expected, consumed(stream.subList(load.begin(), load.end())), load.since());
  }

  /** The same of the whole stream and the tables as they are. */
  int missingAtTheEnd() {
    Map<String, Map<String, String>> expected = new HashMap<>();
    for (TableName table : SnapshotRows.TABLES) {
      rows(table).forEach(row -> expected.put(key(table.toString(), row), row));
    }
    return missing(expected, consumed(stream), new Lsn(0));
  }

  /** What the documented consumer has: it drops what is not newer than what it has applied. */
  private static Map<String, Applied> consumed(List<StreamRecord> records) {
    Map<String, Applied> applied = new HashMap<>();
    Map<String, Applied> truncated = new HashMap<>();
    for (StreamRecord record : records) {
      JsonNode node = tree(record);
      String table = node.path("table").asText();
      Applied change = new Applied(record.commitLsn(), record.ordinal(), Map.of());
      if (node.path("op").asText().equals("TRUNCATE")) {
        truncated.merge(table, change, (a, b) -> a.isOlderThan(record) ? b : a);
        applied.replaceAll(
            (key, row) -> key.startsWith(table + ":") && row.isOlderThan(record) ? change : row);
        continue;
      }
      boolean delete = node.path("op").asText().equals("DELETE");
      Map<String, String> row = fields(node.path(delete ? "before" : "after"));
      String key = key(table, row);
      Applied last = applied.getOrDefault(key, truncated.get(table));
      if (last != null && !last.isOlderThan(record)) {
        continue;
      }
      Map<String, String> known = last == null ? Map.of() : last.row();
      row.replaceAll(
          (name, text) -> text.equals(UNCHANGED) ? known.getOrDefault(name, MISSING) : text);
      applied.put(key, new Applied(record.commitLsn(), record.ordinal(), delete ? Map.of() : row));
    }
    return applied;
  }

  private int missing(
      Map<String, Map<String, String>> expected, Map<String, Applied> applied, Lsn since) {
    int missing = 0;
    for (Map.Entry<String, Map<String, String>> row : expected.entrySet()) {
      Applied copy = applied.get(row.getKey());
      if (copy == null || !equal(row.getKey(), row.getValue(), copy.row(), since)) {
        missing++;
        note("the consumer's row of " + row.getKey() + " is not the source's");
      }
    }
    for (Map.Entry<String, Applied> row : applied.entrySet()) {
      if (!row.getValue().row().isEmpty() && !expected.containsKey(row.getKey())) {
        missing++;
        note("the consumer has " + row.getKey() + ", which the source has not");
      }
    }
    return missing;
  }

  /** Where an update changed the key, PostgreSQL does not log what it did not touch. */
  private boolean equal(String key, Map<String, String> row, Map<String, String> copy, Lsn since) {
    boolean cameFromAnotherKey = moved.getOrDefault(key, new Lsn(0)).isAfter(since);
    for (Map.Entry<String, String> field : row.entrySet()) {
      String text = String.valueOf(copy.get(field.getKey()));
      boolean lostWithItsKey = text.equals(MISSING) && cameFromAnotherKey;
      if (!text.equals(field.getValue()) && !lostWithItsKey) {
        return false;
      }
    }
    return true;
  }
}

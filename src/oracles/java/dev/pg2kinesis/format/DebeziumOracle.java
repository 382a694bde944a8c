package dev.pg2kinesis.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.postgres.Extensions;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A database with two slots at the same position: Debezium reads one, and this project the other.
 */
final class DebeziumOracle implements AutoCloseable {

  /** Debezium relies on these settings of the server, which its sessions do not pin. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "TimeZone", "UTC",
          "DateStyle", "ISO, MDY",
          "IntervalStyle", "postgres",
          "bytea_output", "hex",
          "extra_float_digits", "1");

  private static final String PUBLICATION = "everything";
  private static final String LAST = "end of the comparison";
  private static final JsonMapper JSON = new JsonMapper();

  private final PostgresServer server;
  private final String database;

  DebeziumOracle(int major) {
    server = PostgresServer.start(major, SETTINGS);
    database = server.createDatabase();
    run("CREATE PUBLICATION " + PUBLICATION + " FOR ALL TABLES");
  }

  /** Makes extensions known to the server. */
  void offer(Extensions extensions, List<String> names) {
    extensions.offer(server, names);
  }

  /** Runs statements, each committed by itself. */
  void run(String... statements) {
    server.execute(database, statements);
  }

  /** From here on changes are compared. */
  void createSlots() {
    run(
        "SELECT pg_create_logical_replication_slot('ours', 'pgoutput')",
        "SELECT pg_create_logical_replication_slot('theirs', 'pgoutput')");
  }

  /** Each change since then, as both have it, in order. */
  List<Pair> pairs() {
    return pairs(Format.DEBEZIUM);
  }

  /**
   * The same in another format of Debezium's. Messages are not compared: Debezium has no form for
   * them in the other formats.
   */
  List<Pair> pairs(Format format) {
    // Its commit also flushes a message outside any transaction, which nothing else waits for.
    emitLast();
    List<JsonNode> ours = new ArrayList<>();
    for (StreamRecord record : OurRecords.of(server, database, "ours", PUBLICATION, format)) {
      ours.add(parse(record.payload()));
    }
    ours.removeIf(event -> event.findPath("prefix").asText().equals(LAST));
    List<JsonNode> theirs =
        DebeziumEngineRun.events(server, database, "theirs", PUBLICATION, LAST, format);
    if (format != Format.DEBEZIUM) {
      ours.removeIf(event -> event.at("/data/message").isObject());
      theirs.removeIf(event -> event.path("message").isObject());
    }
    if (ours.size() != theirs.size()) {
      throw new AssertionError(ours.size() + " records here, " + theirs.size() + " of Debezium");
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < ours.size(); i++) {
      pairs.add(new Pair(ours.get(i), theirs.get(i)));
    }
    return pairs;
  }

  /** The end of each transaction since then, as both have it, in order. */
  List<Pair> transactionEnds() {
    run("SELECT pg_logical_emit_message(true, '" + LAST + "', '')");
    List<JsonNode> ours = new ArrayList<>();
    for (StreamRecord record :
        OurRecords.of(server, database, "ours", PUBLICATION, Format.DEBEZIUM, true)) {
      ours.add(parse(record.payload()));
    }
    ours.removeIf(event -> !event.has("status"));
    ours.remove(ours.size() - 1); // of that message's transaction
    List<JsonNode> theirs =
        DebeziumEngineRun.transactions(server, database, "theirs", PUBLICATION, LAST);
    theirs.removeIf(event -> !event.path("status").asText().equals("END"));
    if (ours.size() != theirs.size()) {
      throw new AssertionError(ours + " here, and of Debezium " + theirs);
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < ours.size(); i++) {
      pairs.add(new Pair(ours.get(i), theirs.get(i)));
    }
    return pairs;
  }

  /**
   * Each row that the tables hold, as both read it, ordered by table and key. The tables have a key
   * {@code id}, and nothing is written meanwhile.
   */
  List<Pair> reads(List<TableName> tables) {
    Map<String, JsonNode> ours = new TreeMap<>();
    for (StreamRecord record : OurReads.of(server, database, "ours", PUBLICATION, tables)) {
      JsonNode event = parse(record.payload());
      ours.put(identity(event), event);
    }
    Map<String, JsonNode> theirs = new TreeMap<>();
    for (JsonNode event :
        DebeziumEngineRun.reads(server, database, "theirs", PUBLICATION, LAST, this::emitLast)) {
      theirs.put(identity(event), event);
    }
    if (!ours.keySet().equals(theirs.keySet())) {
      throw new AssertionError(ours.keySet() + " here, of Debezium " + theirs.keySet());
    }
    List<Pair> pairs = new ArrayList<>();
    ours.forEach(
        (identity, event) ->
            pairs.add(new Pair(event, Objects.requireNonNull(theirs.get(identity)))));
    return pairs;
  }

  private void emitLast() {
    run("SELECT pg_logical_emit_message(true, '" + LAST + "', '')");
  }

  private static String identity(JsonNode event) {
    return event.at("/source/table").asText() + " " + event.at("/after/id").asText();
  }

  private static JsonNode parse(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }

  /** One change, as this project's record and as Debezium's event. */
  record Pair(JsonNode ours, JsonNode debezium) {}
}

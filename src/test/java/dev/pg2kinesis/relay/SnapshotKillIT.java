package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that loads a table is killed at each point of a chunk, and the table is written to
 * before the next process goes on.
 */
class SnapshotKillIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNCHANGED = "__debezium_unavailable_value";

  /** Less than half of the table, so that the second chunk is not its last. */
  private static final int FIRST_CHUNK = 500;

  @TempDir Path directory;

  private final PostgresServer server = PostgresServer.shared(15);
  private final String database = server.createDatabase();

  /** A record as a consumer sees it. */
  private record Arrived(String key, long lsn, long ordinal, JsonNode event) {

    static Arrived parse(String line) throws IOException {
      String[] fields = line.split("\t", 4);
      return new Arrived(
          fields[0],
          Long.parseUnsignedLong(fields[1]),
          Long.parseLong(fields[2]),
          JSON.readTree(fields[3]));
    }

    boolean isAfter(Arrived other) {
      int order = Long.compareUnsigned(lsn, other.lsn);
      return order != 0 ? order > 0 : ordinal > other.ordinal;
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NOWHERE", mode = EnumSource.Mode.EXCLUDE)
  void aConsumerThatStartedEmptyEndsEqualToTheSource(SnapshotProcess.Point point)
      throws IOException {
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v int, big text)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT i, 0, repeat(md5(i::text), 70) FROM generate_series(1, 1800) i",
        "CREATE PUBLICATION p FOR TABLE t",
        "SELECT pg_create_logical_replication_slot('" + database + "', 'pgoutput')");
    try (RelayProcess killed =
        SnapshotProcess.start(server, database, database, directory, point)) {
      assertThat(killed.line()).isEqualTo(point.name());
      write();
      killed.signal("KILL");
      assertThat(killed.line()).isNull();
    }
    int before = arrived().size();
    assertThat(before).isBetween(FIRST_CHUNK, 1_799);
    PostgresServer.await(this::goesOn);

    List<Arrived> arrived = arrived();
    Map<List<Object>, JsonNode> ofIdentity = new HashMap<>();
    for (Arrived record : arrived) {
      JsonNode other =
          ofIdentity.putIfAbsent(
              List.of(record.key(), record.lsn(), record.ordinal()), record.event());
      assertThat(other == null || other.equals(record.event())).isTrue();
    }
    assertThat(consumed(arrived)).isEqualTo(source());
    server.query(database, "SELECT pg_drop_replication_slot('" + database + "')");
  }

  /** Changes of rows in every chunk, of which none touches the large value. */
  private void write() {
    server.execute(
        database,
        "UPDATE t SET v = v + 1 WHERE id % 7 = 0",
        "DELETE FROM t WHERE id % 50 = 3",
        "INSERT INTO t VALUES (5000, 1, 'new')");
  }

  /** The server may not have noticed yet that the killed process is gone. */
  private boolean goesOn() {
    try (RelayProcess next =
        SnapshotProcess.start(
            server, database, database, directory, SnapshotProcess.Point.NOWHERE)) {
      String end = next.line();
      assertThat(end).isIn("CAUGHT_UP", "BUSY");
      return "CAUGHT_UP".equals(end);
    }
  }

  private List<Arrived> arrived() throws IOException {
    List<Arrived> arrived = new ArrayList<>();
    for (String line : Files.readAllLines(SnapshotProcess.stream(directory))) {
      arrived.add(Arrived.parse(line));
    }
    return arrived;
  }

  /** What a consumer with the documented rule has in the end. */
  private static Map<Integer, JsonNode> consumed(List<Arrived> arrived) {
    Map<String, Arrived> last = new HashMap<>();
    for (Arrived record : arrived) {
      Arrived known = last.get(record.key());
      if (known != null && !record.isAfter(known)) {
        continue;
      }
      JsonNode after = record.event().path("after");
      if (after.path("big").asText().equals(UNCHANGED) && known != null) {
        ((ObjectNode) after).set("big", known.event().path("after").path("big"));
      }
      last.put(record.key(), record);
    }
    Map<Integer, JsonNode> rows = new TreeMap<>();
    for (Arrived record : last.values()) {
      JsonNode after = record.event().path("after");
      if (after.isObject()) {
        rows.put(after.path("id").asInt(), after);
      }
    }
    return rows;
  }

  private Map<Integer, JsonNode> source() throws IOException {
    Map<Integer, JsonNode> rows = new TreeMap<>();
    String json = server.query(database, "SELECT json_agg(t) FROM t");
    for (JsonNode row : JSON.readTree(json)) {
      rows.put(row.path("id").asInt(), row);
    }
    return rows;
  }
}

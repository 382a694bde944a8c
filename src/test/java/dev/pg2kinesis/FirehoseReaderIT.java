package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * A reader as Firehose and what reads its files: records one after another, a line break between
 * them, one JSON document in a line. With {@code FORMAT=flat} and {@code PACKING=lines} that is
 * enough to have the tables of the source.
 */
class FirehoseReaderIT {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final String UNCHANGED = "__debezium_unavailable_value";

  private static final List<String> TEXTS =
      List.of("x", "", "line\nbreak\r\n", "\"quoted\" \\ \t", "é漢😀\u2028", "null", "}{");

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private final LocalDeployment source =
      LocalDeployment.on(PostgresServer.shared(18), kinesis, 2)
          .with("FORMAT", "flat")
          .with("PACKING", "lines")
          .with("WINDOW_ROWS", "40");

  /** The newest version of each row that the reader has seen, by table and key. */
  private final Map<String, Row> rows = new HashMap<>();

  private record Row(long lsn, boolean deleted, Map<String, String> columns) {}

  @Test
  void linesOfRowsMakeTheTablesOfTheSource() throws Exception {
    source.sql(
        "CREATE TABLE t (id int, part text, v text, n numeric, b bytea, PRIMARY KEY (id, part))",
        // A large value that an update of the key leaves as it was is in the WAL with FULL only.
        "ALTER TABLE t REPLICA IDENTITY FULL",
        "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE \"Odd. \"\"table\" (id int PRIMARY KEY, part text, v text, n numeric, b bytea)",
        "ALTER TABLE \"Odd. \"\"table\" ALTER v SET STORAGE EXTERNAL",
        "CREATE PUBLICATION everything FOR ALL TABLES");
    source.with("PUBLICATION_NAMES", "everything").withSlot("pgoutput");
    Random random = new Random(16);
    for (int round = 0; round < 3; round++) {
      List<String> statements = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        statements.add(statement(random));
      }
      source.sql(statements.toArray(String[]::new));
      assertThat(source.invoke("{\"action\":\"poll\"}").path("outcome").asText())
          .isEqualTo("CAUGHT_UP");

      int documents = read(source.newRecords());

      assertThat(documents).isGreaterThan(40);
      assertThat(copy("t")).isEqualTo(original("t")).isNotEmpty();
      assertThat(copy("Odd. \"table")).isEqualTo(original("Odd. \"table")).isNotEmpty();
    }
    assertThat(rows.values()).extracting(Row::deleted).contains(true, false);
  }

  private static String statement(Random random) {
    String table = random.nextInt(3) == 0 ? "\"Odd. \"\"table\"" : "t";
    String where = " WHERE id = " + random.nextInt(12);
    String text = "'" + TEXTS.get(random.nextInt(TEXTS.size())) + "'";
    String large = "repeat('" + (char) ('a' + random.nextInt(26)) + "', 3000)";
    return switch (random.nextInt(8)) {
      case 0 -> "DELETE FROM " + table + where;
      case 1 -> "UPDATE " + table + " SET n = n + 0.10" + where;
      case 2 -> "UPDATE " + table + " SET v = NULL, b = NULL" + where;
      case 3 -> "UPDATE t SET id = (SELECT max(id) + 1 FROM t)" + where + " AND part = 'p'";
      case 4 -> "UPDATE " + table + " SET v = " + large + where;
      default ->
          "INSERT INTO "
              + table
              + " SELECT i, "
              + (random.nextBoolean() ? "'p'" : "'q'")
              + ", "
              + text
              + ", i / 7.0, decode('00ff', 'hex') FROM generate_series("
              + random.nextInt(6)
              + ", "
              + (6 + random.nextInt(6))
              + ") i ON CONFLICT DO NOTHING";
    };
  }

  /** Reads what Firehose with a line break as delimiter makes of the records. */
  private int read(List<Record> records) throws Exception {
    StringBuilder file = new StringBuilder();
    records.forEach(r -> file.append(r.data().asUtf8String()).append('\n'));
    int documents = 0;
    for (String line : file.toString().split("\n", -1)) {
      if (!line.isEmpty()) {
        apply(JSON.readTree(line));
        documents++;
      }
    }
    assertThat(documents).isGreaterThan(records.size());
    return documents;
  }

  private void apply(JsonNode document) {
    boolean deleted = document.path("__deleted").asText().equals("true");
    String table = document.path("__table").asText();
    String key = table + "|" + document.path("id").asInt();
    if (table.equals("t")) {
      key += "|" + document.path("part").asText();
    }
    long lsn = document.path("__lsn").asLong();
    Row known = rows.get(key);
    if (known != null && known.lsn > lsn) {
      return;
    }
    Map<String, String> columns = new TreeMap<>();
    for (String column : List.of("id", "part", "v", "n", "b")) {
      JsonNode value = document.path(column);
      String text = shortened(value.isNull() ? "NULL" : value.asText());
      if (known != null && text.equals(UNCHANGED)) {
        text = known.columns.getOrDefault(column, text);
      }
      columns.put(column, text);
    }
    rows.put(key, new Row(lsn, deleted, columns));
  }

  /** What a failure of this test can show. */
  private static String shortened(String text) {
    return text.length() > 1000 ? text.length() + " " + text.charAt(0) : text;
  }

  private Map<String, Map<String, String>> copy(String table) {
    Map<String, Map<String, String>> copy = new TreeMap<>();
    rows.forEach(
        (key, row) -> {
          if (key.startsWith(table + "|") && !row.deleted) {
            copy.put(row.columns.get("id") + "|" + row.columns.get("part"), row.columns);
          }
        });
    return copy;
  }

  private Map<String, Map<String, String>> original(String table) throws Exception {
    String json =
        source.query(
            "SELECT coalesce(json_agg(json_build_object('id', id, 'part', part, 'v', v, 'n', n::text,"
                + " 'b', encode(b, 'base64'))), '[]') FROM \""
                + table.replace("\"", "\"\"")
                + "\"");
    Map<String, Map<String, String>> original = new TreeMap<>();
    for (JsonNode row : JSON.readTree(json)) {
      Map<String, String> columns = new TreeMap<>();
      row.properties()
          .forEach(
              field ->
                  columns.put(
                      field.getKey(),
                      field.getValue().isNull() ? "NULL" : shortened(field.getValue().asText())));
      original.put(columns.get("id") + "|" + columns.get("part"), columns);
    }
    return original;
  }
}

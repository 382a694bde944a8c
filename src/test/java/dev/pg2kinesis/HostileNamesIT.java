package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Names and values that are SQL, JSON, formats or lines of a log to somebody, through the whole
 * function: they arrive as they are, and nothing else happens.
 */
class HostileNamesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POLL = "{\"action\":\"poll\"}";

  /** Each is a schema, a table in it, a column of the table, a value, and a message's prefix. */
  private static final List<String> NAMES =
      List.of(
          "'; DROP TABLE x; --",
          "\"; DROP TABLE x; --",
          "$$; SELECT 1; $$",
          "/* x */",
          "?, $1, :x, {call x}",
          "\\",
          "\\' OR E'\\\\",
          "\\u0000\\0%00",
          "\u2400",
          "%s %n %1$s %",
          "${PGPASSWORD} #{x} {{x}} $(id) `id`",
          "${jndi:ldap://x}",
          "line\nbreak\r\n\ttab",
          "\nREPORT RequestId: 1\n",
          "{\"_aws\":{}}",
          "\"}]}",
          "\",\"op\":\"d",
          "\u0001\u001b[31mred\u007f\u0085\u009b",
          "\u2028\u2029\ufeff\uffff",
          "\u202egnp.exe\u2066",
          "a,b;c|d.e",
          "a.b",
          "a\"\"b",
          " ",
          "null",
          "NULL",
          "before",
          "__op",
          "__proto__",
          "*",
          "é漢字👨‍👩‍👧",
          "é".repeat(31) + "x",
          "😀".repeat(15) + "abc",
          "\"".repeat(63),
          "\\".repeat(40),
          "x".repeat(63));

  private static final String PUBLICATION = "p \"q\" 'r' \\ $$ -- %s ${x}\n\u202eé😀";
  private static final String DATABASE = "d \"q\" 'r' \\ /?sslmode=x&user=y#%2f %s\né😀";

  private static final FakeKinesis kinesis = FakeKinesis.start();

  private final PostgresServer server = PostgresServer.shared(18);
  private LocalDeployment deployment;

  @BeforeEach
  void deploy() {
    server.execute("postgres", "CREATE DATABASE " + quoted(DATABASE));
    deployment =
        LocalDeployment.on(server, DATABASE, kinesis, 1).with("PUBLICATION_NAMES", PUBLICATION);
    List<String> sql = new ArrayList<>();
    for (String name : NAMES) {
      String n = quoted(name);
      sql.add("CREATE SCHEMA " + n);
      sql.add("CREATE TABLE " + n + "." + n + " (" + n + " text PRIMARY KEY)");
    }
    sql.add("CREATE PUBLICATION " + quoted(PUBLICATION) + " FOR ALL TABLES");
    deployment.sql(sql.toArray(String[]::new));
  }

  @AfterEach
  void drop() {
    deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");
    server.execute("postgres", "DROP DATABASE " + quoted(DATABASE) + " WITH (FORCE)");
  }

  @AfterAll
  static void stop() {
    kinesis.close();
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String text) {
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  private void change() {
    List<String> sql = new ArrayList<>();
    for (String name : NAMES) {
      String n = quoted(name);
      sql.add("INSERT INTO " + n + "." + n + " VALUES (" + literal(name) + ")");
      sql.add("DELETE FROM " + n + "." + n + " WHERE " + n + " = " + literal(name));
      sql.add("SELECT pg_logical_emit_message(true, " + literal(name) + ", " + literal(name) + ")");
    }
    deployment.sql(sql.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pgoutput", "test_decoding"})
  void arriveAsTheyAre(String plugin) throws IOException {
    deployment.invoke("{\"action\":\"create-slot\",\"plugin\":\"" + plugin + "\"}");
    // All formats get the same from each plugin.
    List<Format> formats =
        plugin.equals("pgoutput") ? List.of(Format.values()) : List.of(Format.DEBEZIUM);
    for (Format format : formats) {
      deployment.with("FORMAT", format.settingName());
      change();
      List<String> shown = shown(deployment.invoke("{\"action\":\"peek\",\"limit\":1000}"));

      JsonNode report = deployment.invoke(POLL);

      assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
      List<Record> records = deployment.newRecords();
      assertThat(records.stream().map(r -> r.partitionKey() + "\n" + r.data().asUtf8String()))
          .as(format.settingName())
          .containsExactlyInAnyOrderElementsOf(shown);
      Set<List<String>> keys = new HashSet<>();
      for (Record published : records) {
        keys.add(parts(published.partitionKey()));
        assertThat(published.partitionKey().length()).isBetween(1, 256);
      }
      for (String name : NAMES) {
        assertThat(keys).contains(List.of(name, name, name));
        assertHolds(format, records, name);
      }
    }
    List<String> lines = deployment.log();
    assertThat(lines).as("create-slot and each poll").hasSize(1 + formats.size());
    assertEachIsJson(lines);
  }

  /** Where a format has names and values, this one stands there as it is. */
  private static void assertHolds(Format format, List<Record> records, String name)
      throws IOException {
    String text =
        records.stream()
            .filter(published -> parts(published.partitionKey()).equals(List.of(name, name, name)))
            .findFirst()
            .orElseThrow()
            .data()
            .asUtf8String();
    if (format == Format.CSV) {
      assertThat(text).endsWith("," + csv(name + "." + name) + ",INSERT," + csv(name));
      return;
    }
    List<String> texts = new ArrayList<>();
    List<String> fields = new ArrayList<>();
    collect(JSON.readTree(text.substring(text.indexOf('{'))), fields, texts);
    assertThat(texts).as(text).contains(name);
    if (format != Format.CSV_PAYLOAD) { // It shows the key without its columns.
      assertThat(fields.contains(name) || Collections.frequency(texts, name) > 1).as(text).isTrue();
    }
  }

  /** RFC 4180. */
  private static String csv(String text) {
    boolean plain = text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? text : quoted(text);
  }

  private static void collect(JsonNode node, List<String> fields, List<String> texts) {
    node.properties().forEach(field -> fields.add(field.getKey()));
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(child -> collect(child, fields, texts));
  }

  private static List<String> shown(JsonNode peek) {
    List<String> shown = new ArrayList<>();
    for (JsonNode one : peek.path("records")) {
      shown.add(one.path("partitionKey").asText() + "\n" + one.path("data").asText());
    }
    return shown;
  }

  /** A partition key's parts, by the rule in {@code PartitionKey}. */
  private static List<String> parts(String key) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '\\') {
        part.append(key.charAt(++i));
      } else if (c == '|' || (c == '.' && parts.isEmpty())) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static void assertEachIsJson(List<String> lines) throws IOException {
    for (String line : lines) {
      JsonNode json = JSON.readTree(line);
      assertThat(json.path("requestId").asText()).isNotEmpty();
      assertThat(line).doesNotContain("REPORT", "DROP TABLE", "jndi", DATABASE);
    }
  }

  /** What fails says so in one line, without a value, and the slot stays. */
  @Test
  void failInOneLine() {
    deployment.invoke("{\"action\":\"create-slot\"}");
    String name = "\nREPORT RequestId: 1\n";
    deployment.sql(
        "INSERT INTO "
            + quoted(name)
            + "."
            + quoted(name)
            + " VALUES ('k'); ALTER TABLE "
            + quoted(name)
            + "."
            + quoted(name)
            + " ADD v text; INSERT INTO "
            + quoted(name)
            + "."
            + quoted(name)
            + " VALUES ('"
            + "cafebabe".repeat(20)
            + "', repeat('cafebabe', 200000))");
    String before = deployment.position();

    for (LocalDeployment failing :
        List.of(
            deployment,
            deployment.secondFunction().with("PUBLICATION_NAMES", "no\nsuch\u202e 'p'"),
            deployment.secondFunction().with("PGDATABASE", "no\nsuch/?user=x"),
            deployment.secondFunction().with("PGUSER", "no\nsuch 'role' \u202e"),
            deployment.secondFunction().with("TABLES", "a b\nc"),
            deployment.secondFunction().with("EXCLUDE_COLUMNS", "\"a\n\".b.c.d"),
            deployment.secondFunction().with("SLOT_NAME", "s'; DROP TABLE x; --\n"))) {
      Throwable failure = catchThrowable(() -> failing.invoke(POLL));

      assertThat(failure).isInstanceOf(CodedException.class);
      assertThat(failure.getMessage())
          .hasSizeLessThan(1000)
          .doesNotContain("cafebabe")
          .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u202e]");
    }
    assertThat(deployment.position()).isEqualTo(before);
    assertThat(String.join("", deployment.log()).getBytes(UTF_8)).isNotEmpty();
    assertThat(deployment.log()).allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}"));
  }
}

package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.aws.AwsSettings;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Columns that are left out, masked or make the partition key, through the whole function. */
class ColumnsIT {

  /** In every value that is hidden, and in the key of the masks. */
  private static final String SECRET = "hunter2";

  private static final String KEY = SECRET.repeat(6);

  private static Moto moto;
  private static PostgresServer server;
  private static FakeKinesis kinesis;

  private LocalDeployment deployment;
  private AwsSettings aws;

  @BeforeAll
  static void start() {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    moto = Moto.start();
    moto.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        "{\"Name\":\"masks\",\"SecretString\":\"" + KEY + "\"}");
    server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings());
    kinesis = FakeKinesis.start();
  }

  @AfterAll
  static void stop() {
    if (kinesis != null) {
      kinesis.close();
    }
    if (server != null) {
      server.close();
    }
    if (moto != null) {
      moto.close();
    }
  }

  @BeforeEach
  void deploy() {
    deployment = LocalDeployment.on(server, kinesis, 1);
    aws = new AwsSettings(moto.endpoint());
    deployment.sql(
        "CREATE EXTENSION pgcrypto",
        "CREATE DOMAIN iban AS char(12)",
        """
        CREATE TABLE users (id int PRIMARY KEY, tenant text, email text, born date, iban iban,
          bio text, ssn int[], body text)
        """,
        "ALTER TABLE users REPLICA IDENTITY FULL, ALTER body SET STORAGE EXTERNAL",
        "CREATE TABLE accounts (email text PRIMARY KEY, note jsonb, body text)",
        "ALTER TABLE accounts ALTER body SET STORAGE EXTERNAL",
        "CREATE PUBLICATION p FOR ALL TABLES");
    deployment
        .withSlot("pgoutput")
        .with("PUBLICATION_NAMES", "p")
        .with("WATERMARK_PARAMETER", "/" + deployment.slot() + "/watermark");
    for (String plugin : List.of("test_decoding", "wal2json")) {
      deployment.sql(
          "SELECT pg_create_logical_replication_slot('"
              + deployment.slot()
              + plugin
              + "', '"
              + plugin
              + "')");
    }
  }

  @AfterEach
  void drop() {
    aws.close();
    deployment.sql(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE database = current_database()");
  }

  private LocalDeployment withRules() {
    return deployment
        .with("EXCLUDE_COLUMNS", "*.users.ssn, *.*.note")
        .with(
            "MASK_COLUMNS",
            "*.*.email=hmac, *.*.body=redact, *.*.born=redact, *.*.iban=last:3, *.*.bio=truncate:2")
        .with("MASK_SECRET_ID", "masks")
        .with("KEY_COLUMNS", "public.users: tenant");
  }

  private void workload() {
    deployment.sql(
        """
        INSERT INTO users VALUES
          (1, 'a', 'hunter2@é.example', '1979-08-07', 'hunter2 12', 'é😀hunter2', '{1979,8}',
            repeat('hunter2', 2000)),
          (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """,
        "UPDATE users SET bio = 'ab' WHERE id = 1",
        "UPDATE users SET tenant = 'b' WHERE id = 1",
        "UPDATE users SET tenant = 'b' WHERE id = 2",
        "UPDATE users SET tenant = NULL, body = 'hunter2' WHERE id = 1",
        "DELETE FROM users WHERE id = 2",
        "INSERT INTO accounts VALUES ('hunter2@x', '{\"a\":\"hunter2\"}', repeat('hunter2', 2000))",
        "UPDATE accounts SET note = '[\"hunter2\"]'",
        "UPDATE accounts SET email = 'hunter2@y', body = NULL",
        "DELETE FROM accounts");
  }

  private static List<String> peek(LocalDeployment function) {
    List<String> shown = new ArrayList<>();
    for (JsonNode made : function.invoke("{\"action\":\"peek\",\"limit\":100}").path("records")) {
      shown.add(made.path("partitionKey").asText() + " " + made.path("data").asText());
    }
    return shown;
  }

  /** Without what differs between plugins anyway: positions in the WAL. */
  private static List<String> comparable(List<String> shown) {
    return shown.stream().map(text -> text.replaceAll("\"(__)?lsn\":[^,]*,", "")).toList();
  }

  @Test
  void allPluginsAgreeOnWhatIsPublished() {
    withRules();
    workload();
    Map<String, LocalDeployment> functions = new LinkedHashMap<>();
    functions.put("pgoutput", deployment.secondFunction());
    for (String plugin : List.of("test_decoding", "wal2json")) {
      functions.put(
          plugin, deployment.secondFunction().with("SLOT_NAME", deployment.slot() + plugin));
    }
    functions.put(
        "wal2json 1",
        deployment
            .secondFunction()
            .with("SLOT_NAME", deployment.slot() + "wal2json")
            .with("WAL2JSON_FORMAT_VERSION", "1"));

    for (String format : List.of("flat", "pg-kinesis")) {
      List<String> expected = comparable(peek(deployment.with("FORMAT", format)));
      assertThat(expected).hasSize(format.equals("flat") ? 15 : 11);
      functions.forEach(
          (plugin, function) -> {
            assertThat(comparable(peek(function.with("FORMAT", format))))
                .as("%s of %s", format, plugin)
                .isEqualTo(expected);
            assertThat(function.log()).noneMatch(line -> line.contains(SECRET));
          });
      assertThat(expected).noneMatch(text -> text.contains(SECRET));
    }
  }

  @Test
  void recordsShowWhatIsPublishedAlone() {
    withRules().with("FORMAT", "flat");
    workload();
    String email = pseudonym("hunter2@é.example");
    String x = pseudonym("hunter2@x");
    String y = pseudonym("hunter2@y");

    JsonNode report = deployment.invoke("{\"action\":\"poll\"}");

    assertThat(report.path("records").asInt()).isEqualTo(15);
    List<String> records = new ArrayList<>();
    deployment
        .newRecords()
        .forEach(
            made ->
                records.add(
                    made.partitionKey()
                        + " "
                        + made.data().asUtf8String().replaceAll(",\"__table.*", "")));
    String one =
        "{\"id\":1,\"tenant\":\"%s\",\"email\":\""
            + email
            + "\",\"born\":\"***\","
            + "\"iban\":\"*** 12\",\"bio\":\"%s\",\"body\":\"***\",\"__deleted\":\"%s\",\"__op\":\"%s\"";
    String two =
        "{\"id\":2,\"tenant\":%s,\"email\":null,\"born\":null,\"iban\":null,\"bio\":null,"
            + "\"body\":null,\"__deleted\":\"%s\",\"__op\":\"%s\"";
    assertThat(records)
        .containsExactly(
            "public.users|a " + one.formatted("a", "é😀", "false", "c"),
            "public.users " + two.formatted("null", "false", "c"),
            "public.users|a " + one.formatted("a", "ab", "false", "u"),
            "public.users|a " + one.formatted("a", "ab", "true", "d"),
            "public.users|b " + one.formatted("b", "ab", "false", "c"),
            "public.users " + two.formatted("null", "true", "d"),
            "public.users|b " + two.formatted("\"b\"", "false", "c"),
            "public.users|b " + one.formatted("b", "ab", "true", "d"),
            "public.users " + one.formatted("null", "ab", "false", "c").replace("\"null\"", "null"),
            "public.users|b " + two.formatted("\"b\"", "true", "d"),
            "public.accounts|"
                + x
                + " {\"email\":\""
                + x
                + "\",\"body\":\"***\",\"__deleted\":"
                + "\"false\",\"__op\":\"c\"",
            "public.accounts|"
                + x
                + " {\"email\":\""
                + x
                + "\",\"body\":"
                + "\"__debezium_unavailable_value\",\"__deleted\":\"false\",\"__op\":\"u\"",
            "public.accounts|"
                + x
                + " {\"email\":\""
                + x
                + "\",\"__deleted\":\"true\","
                + "\"__op\":\"d\"",
            "public.accounts|"
                + y
                + " {\"email\":\""
                + y
                + "\",\"body\":null,\"__deleted\":"
                + "\"false\",\"__op\":\"c\"",
            "public.accounts|"
                + y
                + " {\"email\":\""
                + y
                + "\",\"__deleted\":\"true\","
                + "\"__op\":\"d\"");
    assertThat(report.toString()).doesNotContain(SECRET);
    assertThat(deployment.log()).isNotEmpty().noneMatch(line -> line.contains(SECRET));
  }

  /** As formats.md says, with pgcrypto. */
  private String pseudonym(String text) {
    return deployment.query("SELECT encode(hmac('" + text + "', '" + KEY + "', 'sha256'), 'hex')");
  }

  @Test
  void rowsThatASnapshotReadsAreMaskedToo() {
    withRules().with("FORMAT", "debezium").with("KEY_COLUMNS", "");
    deployment.sql(
        "INSERT INTO accounts SELECT 'hunter2' || i, '1', 'hunter2' FROM generate_series(1, 9) i");
    deployment.invoke("{\"action\":\"poll\"}");
    deployment.newRecords();
    deployment.invoke("{\"action\":\"snapshot\",\"tables\":[\"public.accounts\"]}");

    JsonNode report = deployment.invoke("{\"action\":\"poll\"}");

    assertThat(report.path("snapshotRows").asInt()).isEqualTo(9);
    assertThat(deployment.newRecords())
        .hasSize(9)
        .allSatisfy(
            made ->
                assertThat(made.partitionKey() + made.data().asUtf8String())
                    .matches(
                        "public\\.accounts\\|([0-9a-f]{64})\\{\"before\":null,\"after\":\\{\"email\":"
                            + "\"\\1\",\"body\":\"\\*{3}\"},.*\"op\":\"r\".*")
                    .doesNotContain(SECRET));
  }

  @Test
  void aTableThatTheSettingsDoNotFitStopsTheRunBeforeIt() {
    workload();
    String before = deployment.position();
    deployment
        .with("EXCLUDE_COLUMNS", "public.users.*")
        .with("MASK_COLUMNS", "public.*.born=last:4,public.*.ssn=truncate:4");

    assertThatThrownBy(() -> deployment.invoke("{\"action\":\"poll\"}"))
        .hasMessageStartingWith("COLUMNS_REFUSED: the settings do not fit the table public.users:")
        .hasMessageContaining("EXCLUDE_COLUMNS leaves out id, a key column")
        .hasMessageNotContaining(SECRET);
    assertThatThrownBy(() -> deployment.with("EXCLUDE_COLUMNS", "").invoke("{}"))
        .hasMessageContaining("last:4 for born of type date")
        .hasMessageContaining("truncate:4 for ssn of type integer[]")
        .hasMessageNotContaining(SECRET);
    assertThatThrownBy(
            () ->
                deployment
                    .with("MASK_COLUMNS", "")
                    .with("KEY_COLUMNS", "accounts: note")
                    .with("EXCLUDE_TABLES", "users")
                    .invoke("{}"))
        .hasMessageStartingWith("OLD_KEY_UNKNOWN: KEY_COLUMNS names note of public.accounts")
        .hasMessageNotContaining(SECRET);
    assertThat(deployment.newPayloads()).hasSize(1); // the insert, which shows all columns
    assertThat(deployment.log()).isNotEmpty().noneMatch(line -> line.contains(SECRET));

    deployment.with("KEY_COLUMNS", "").with("EXCLUDE_TABLES", "").invoke("{}");
    assertThat(deployment.position()).isNotEqualTo(before);
  }

  @Test
  void theQueryOfTheGuideShowsWhatOldRowsHave() {
    deployment.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL)",
        "CREATE UNIQUE INDEX orders_by_customer ON orders (customer_id, id)",
        "ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_by_customer");

    assertThat(
            deployment.query(
                """
                SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM (
                SELECT c.oid::regclass, c.relreplident, array_agg(a.attname) FILTER (WHERE a.attnum = ANY (i.indkey))
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                  LEFT JOIN pg_index i ON i.indrelid = c.oid
                    AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'd' THEN i.indisprimary END
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1, 2
                ) t
                """))
        .isEqualTo("(accounts,d,{email}) (orders,i,\"{id,customer_id}\") (users,f,)");
  }
}

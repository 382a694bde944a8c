package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/** The SQL scripts, run by psql as a person runs them. */
class ScriptsIT {

  private static KinesisLocal kinesis;

  @BeforeAll
  static void start() {
    kinesis = KinesisLocal.start();
  }

  @AfterAll
  static void stop() {
    if (kinesis != null) {
      kinesis.close();
    }
  }

  private record Run(int exit, String output) {}

  private static Run psql(
      PostgresServer server, String database, Map<String, String> environment, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "psql",
                "--no-psqlrc",
                "--quiet",
                "host=localhost user=postgres port=" + server.port() + " dbname=" + database));
    command.addAll(List.of(options));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Run(process.waitFor(), output);
    } catch (IOException e) {
      throw new TestAbortedException("needs psql (Debian: postgresql-client)", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String setUp(PostgresServer server, String database, String... options) {
    String[] all = new String[options.length + 2];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = "-f";
    all[options.length + 1] = "scripts/setup.sql";
    Run run = psql(server, database, Map.of("PG2KINESIS_PASSWORD", "hunter2'\""), all);
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output()).doesNotContain("hunter2");
    return run.output();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void theRoleOfSetUpCanDoAllThatTheFunctionDoes(int major) {
    PostgresServer server = PostgresServer.shared(major);
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql("CREATE TABLE orders (id int PRIMARY KEY, v text)");

    setUp(server, deployment.database(), "-v", "role=cdc \"r\"", "-v", "publication=pub \"p\"");
    String again =
        setUp(server, deployment.database(), "-v", "role=cdc \"r\"", "-v", "publication=pub \"p\"");

    assertThat(again).contains("exists");
    deployment
        .with("PGUSER", "cdc \"r\"")
        .with("PGPASSWORD", "hunter2'\"")
        .with("FORMAT", "csv")
        .with("PUBLICATION_NAMES", "pub \"p\"")
        .withSlot("pgoutput");
    deployment.sql("INSERT INTO orders VALUES (1, 'a')");

    assertThat(deployment.invoke("{\"action\":\"poll\"}").path("records").asInt()).isEqualTo(1);
    assertThat(deployment.newPayloads()).singleElement().asString().endsWith("INSERT,1");
    assertThat(deployment.query("SELECT has_table_privilege('cdc \"r\"', 'orders', 'SELECT')"))
        .isEqualTo("f");
    assertThat(deployment.query("SELECT rolsuper FROM pg_roles WHERE rolname = 'cdc \"r\"'"))
        .isEqualTo("f");
  }

  @Test
  void setUpPublishesTheTablesNamedAndWarnsOfThoseWithoutKey() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE \"Odd Name\" (v text)",
        "CREATE TABLE c (id int PRIMARY KEY)");

    String output = setUp(server, database, "-v", "tables=a, \"Odd Name\"", "-v", "monitor=on");

    assertThat(
            server.query(
                database,
                "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_publication_tables"))
        .isEqualTo("Odd Name,a");
    assertThat(output).contains("no replica identity").contains("public.\"Odd Name\"");
    assertThat(
            server.query(
                database, "SELECT pg_has_role('pg2kinesis', 'pg_read_all_stats', 'USAGE')"))
        .isEqualTo("t");
  }

  @Test
  void setUpTakesRdsForRds() {
    PostgresServer server = PostgresServer.start(15, Map.of());
    try {
      server.execute("postgres", "CREATE ROLE rds_replication", "CREATE ROLE rds_iam");

      setUp(server, "postgres", "-v", "iam=on", "-v", "publication=none");

      assertThat(
              server.query(
                  "postgres",
                  "SELECT rolreplication::text || pg_has_role('pg2kinesis', 'rds_replication',"
                      + " 'MEMBER') || pg_has_role('pg2kinesis', 'rds_iam', 'MEMBER')"
                      + " FROM pg_roles WHERE rolname = 'pg2kinesis'"))
          .isEqualTo("falsetruetrue");
      assertThat(server.query("postgres", "SELECT count(*) FROM pg_publication")).isEqualTo("0");
    } finally {
      server.close();
    }
  }

  @Test
  void setUpFailsWithTheReasonWhereWalIsNotLogical() {
    PostgresServer server =
        PostgresServer.start(15, Map.of("wal_level", "replica", "max_wal_senders", "0"));
    try {
      Run run = psql(server, "postgres", Map.of(), "-f", "scripts/setup.sql");

      assertThat(run.exit()).isNotZero();
      assertThat(run.output())
          .contains("wal_level is replica, and must be logical")
          .contains("rds.logical_replication");
    } finally {
      server.close();
    }
  }

  @Test
  void setUpFailsWhereIamIsNotToBeHad() {
    PostgresServer server = PostgresServer.shared(15);
    Run run =
        psql(
            server,
            server.createDatabase(),
            Map.of(),
            "-v",
            "role=no_iam",
            "-v",
            "iam=on",
            "-f",
            "scripts/setup.sql");

    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).contains("there is no role rds_iam here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scripts/setup.sql", "scripts/ddl-audit.sql"})
  void explainsItself(String script) {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();

    Run run = psql(server, database, Map.of(), "-v", "help=on", "-f", script);

    assertThat(run.exit()).isZero();
    assertThat(run.output()).startsWith("usage: psql");
    assertThat(server.query(database, "SELECT count(*) FROM pg_publication")).isEqualTo("0");
    assertThat(server.query(database, "SELECT count(*) FROM pg_event_trigger")).isEqualTo("0");
  }

  private static void audit(PostgresServer server, String database, String... options) {
    String[] all = new String[options.length + 2];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = "-f";
    all[options.length + 1] = "scripts/ddl-audit.sql";
    Run run = psql(server, database, Map.of(), all);
    assertThat(run.exit()).as(run.output()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void ddlArrivesInItsPlaceBetweenTheRows(int major) throws IOException {
    PostgresServer server = PostgresServer.shared(major);
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    deployment.sql("CREATE PUBLICATION p FOR TABLE t");
    audit(server, deployment.database(), "-v", "publication=p");
    audit(server, deployment.database(), "-v", "publication=p");
    deployment
        .with("PUBLICATION_NAMES", "p")
        .with("PARTITION_KEY", "constant")
        .withSlot("pgoutput");

    deployment.sql(
        "INSERT INTO t VALUES (1)",
        "ALTER TABLE t ADD COLUMN v text",
        "INSERT INTO t VALUES (2, 'x')",
        "CREATE TEMPORARY TABLE scratch (id int)",
        "DROP TABLE t");
    deployment.invoke("{\"action\":\"poll\"}");

    ObjectMapper json = new ObjectMapper();
    List<String> seen = new ArrayList<>();
    for (String payload : deployment.newPayloads()) {
      JsonNode after = json.readTree(payload).path("after");
      seen.add(
          after.has("tag")
              ? after.path("tag").asText()
                  + " "
                  + after.path("object").asText()
                  + ": "
                  + after.path("statement").asText()
              : after.toString());
    }
    assertThat(seen)
        .containsExactly(
            "{\"id\":1}",
            "ALTER TABLE public.t: ALTER TABLE t ADD COLUMN v text",
            "{\"id\":2,\"v\":\"x\"}",
            "DROP TABLE public.t: DROP TABLE t");
  }

  @Test
  void theAuditCanLeaveStatementsOutAndBeRemoved() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    audit(server, database, "-v", "statement=off");
    server.execute(database, "CREATE TABLE t (id int DEFAULT 42)");
    assertThat(
            server.query(
                database,
                "SELECT tag || ' ' || object || ' ' || coalesce(statement, 'none')"
                    + " FROM pg2kinesis.ddl_audit"))
        .isEqualTo("CREATE TABLE public.t none");

    audit(server, database, "-v", "remove=on");
    server.execute(database, "DROP TABLE t");
    assertThat(server.query(database, "SELECT count(*) FROM pg2kinesis.ddl_audit")).isEqualTo("1");
    assertThat(server.query(database, "SELECT count(*) FROM pg_event_trigger")).isEqualTo("0");

    audit(server, database, "-v", "remove=on", "-v", "drop=on");
    assertThat(server.query(database, "SELECT to_regclass('pg2kinesis.ddl_audit')"))
        .isEqualTo("null");
  }

  @Test
  void whoMayNotWriteTheAuditMayStillRunDdl() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    audit(server, database);

    server.execute(
        database,
        "CREATE ROLE developer_" + database,
        "CREATE SCHEMA work AUTHORIZATION developer_" + database,
        "SET ROLE developer_" + database,
        "CREATE TABLE work.mine (id int)",
        "RESET ROLE");

    assertThat(
            server.query(
                database,
                "SELECT role || ' ' || tag FROM pg2kinesis.ddl_audit ORDER BY id DESC LIMIT 1"))
        .isEqualTo("postgres CREATE TABLE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scripts/rds-bundle", "scripts/tail"})
  void shellScriptsExplainThemselves(String script) {
    assertThat(shell(script, "--help").exit()).isZero();
    assertThat(shell(script, "--help").output()).startsWith("usage: " + script);
  }

  @Test
  void theBundleIsNotTakenFromAnywhereElse() {
    assertThat(shell("scripts/rds-bundle", "--no-such-option").exit()).isEqualTo(2);
    assertThat(shell("scripts/rds-bundle", "file:///no/such/file").exit()).isEqualTo(1);
  }

  private static Run shell(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Run(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.aws.AwsSettings;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.scripts.Script.Ended;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/setup.sql}, run by psql. */
class SetupScriptIT {

  private static final String PASSWORD = "hunter2'\" $x \\ %s";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static final Map<Integer, EmulatedRds> SERVERS = new HashMap<>();

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(EmulatedRds::close);
  }

  private static EmulatedRds rds(int major) {
    return SERVERS.computeIfAbsent(major, EmulatedRds::start);
  }

  @TempDir Path directory;

  private static Script setUp(Map<String, String> session) {
    return new Script("psql", "--no-psqlrc", "--quiet", "-f", "scripts/setup.sql").with(session);
  }

  private static Map<String, String> superuser(PostgresServer server, String database) {
    return Map.of(
        "PGHOST",
        "localhost",
        "PGPORT",
        Integer.toString(server.port()),
        "PGDATABASE",
        database,
        "PGUSER",
        "postgres");
  }

  private static String logIn(EmulatedRds rds, String role, String password) {
    Ended ended =
        new Script("psql", "--no-psqlrc", "-Atc", "SELECT current_user")
            .with(rds.login(role))
            .with("PGPASSWORD", password)
            .run();
    return ended.text().strip();
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 13, 15, 17, 18})
  void theMasterUserOfRdsCanRunIt(int major) {
    EmulatedRds rds = rds(major);
    rds.sql(
        "SET ROLE " + EmulatedRds.MASTER,
        "CREATE SCHEMA closed",
        "CREATE TABLE closed.orders (id int PRIMARY KEY)",
        "CREATE TABLE closed.\"Odd Name\" (v text)");
    Script script =
        setUp(rds.master())
            .with("PG2KINESIS_PASSWORD", PASSWORD)
            .arguments("-v", "iam=on", "-v", "monitor=on")
            .arguments("-v", "tables=closed.orders, closed.\"Odd Name\"");

    Ended ended = script.run();
    Ended again = script.run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out()).contains("Role pg2kinesis created", "Its password is set");
    assertThat(ended.err()).contains("no replica identity").contains("closed.\"Odd Name\"");
    assertThat(again.status()).as(again.text()).isZero();
    assertThat(again.out()).contains("Role pg2kinesis exists", "is left as it is");
    assertThat(
            rds.query(
                "SELECT string_agg(g.rolname, ' ' ORDER BY g.rolname) FROM pg_auth_members m"
                    + " JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member"
                    + " WHERE r.rolname = 'pg2kinesis'"))
        .isEqualTo(
            major < 16
                ? "pg_read_all_stats rds_iam rds_replication"
                : "pg_monitor rds_iam rds_replication");
    assertThat(
            rds.query(
                "SELECT rolsuper::text || rolreplication FROM pg_roles"
                    + " WHERE rolname = 'pg2kinesis'"))
        .isEqualTo("falsefalse");
    assertThat(
            rds.query(
                "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM"
                    + " pg_publication_tables WHERE pubname = 'pg2kinesis'"))
        .isEqualTo("Odd Name,orders");
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 13, 15, 17, 18})
  void theMasterUserOfRdsCanDropTheRoleAgain(int major) {
    EmulatedRds rds = rds(major);
    rds.sql(
        "SET ROLE " + EmulatedRds.MASTER,
        "REVOKE CONNECT ON DATABASE shop FROM PUBLIC",
        "CREATE TABLE IF NOT EXISTS read_once (id int PRIMARY KEY)");
    Ended ended =
        setUp(rds.master())
            .arguments("-v", "role=gone", "-v", "publication=gone", "-v", "tables=read_once")
            .arguments("-v", "snapshot=on")
            .run();
    assertThat(ended.status()).as(ended.text()).isZero();

    // As scripts/remove says.
    Ended dropped =
        new Script("psql", "-v", "ON_ERROR_STOP=1", "-c")
            .arguments(
                "DROP PUBLICATION gone; GRANT gone TO CURRENT_USER; DROP OWNED BY gone; DROP ROLE gone")
            .with(rds.master())
            .run();

    assertThat(dropped.status()).as(dropped.text()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 13, 15, 17, 18})
  void thePasswordIsSetAndInNoLog(int major) {
    EmulatedRds rds = rds(major);
    Ended ended =
        setUp(rds.master())
            .with("PG2KINESIS_PASSWORD", PASSWORD)
            .arguments("-v", "role=cdc_login", "-v", "publication=none", "--echo-all")
            .run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.text()).doesNotContain("hunter2");
    assertThat(rds.log()).contains("ALTER ROLE \"cdc_login\" PASSWORD").doesNotContain("hunter2");
    rds.server().requirePassword("cdc_login");
    assertThat(logIn(rds, "cdc_login", PASSWORD)).isEqualTo("cdc_login");
    assertThat(logIn(rds, "cdc_login", "hunter2")).contains("password authentication failed");
  }

  @Test
  void saysHowToGoOnWhereItMayNotPublishAllTables() {
    try (EmulatedRds rds = EmulatedRds.start(15)) {
      rds.sql("SET ROLE " + EmulatedRds.MASTER, "CREATE TABLE orders (id int PRIMARY KEY)");
      Ended ended = setUp(rds.master()).with("PG2KINESIS_PASSWORD", PASSWORD).run();

      assertThat(ended.status()).isNotZero();
      assertThat(ended.err()).contains("must be superuser", "The role is ready", "-v tables=");
      assertThat(rds.query("SELECT pg_has_role('pg2kinesis', 'rds_replication', 'MEMBER')"))
          .isEqualTo("t");
      rds.server().requirePassword("pg2kinesis");
      assertThat(logIn(rds, "pg2kinesis", PASSWORD)).isEqualTo("pg2kinesis");

      Ended again = setUp(rds.master()).arguments("-v", "tables=orders").run();

      assertThat(again.status()).as(again.text()).isZero();
    }
  }

  @Test
  void changesNothingWhereThePasswordCannotBeHashed() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    Script.program(directory, "python3", "#!/bin/sh\necho 'no python3' >&2\nexit 127\n");

    Ended ended =
        setUp(superuser(server, database))
            .finding(directory)
            .with("PG2KINESIS_PASSWORD", PASSWORD)
            .arguments("-v", "role=unhashed")
            .run();

    assertThat(ended.status()).isNotZero();
    assertThat(ended.err()).contains("takes python3", "Nothing was", "\\password unhashed");
    assertThat(server.query(database, "SELECT count(*) FROM pg_roles WHERE rolname = 'unhashed'"))
        .isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hünter2", "hunter2\n", "\u0001hunter2"})
  void refusesAPasswordThatWouldHaveToBeNormalised(String password) {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();

    Ended ended =
        setUp(superuser(server, database))
            .with("PG2KINESIS_PASSWORD", password)
            .arguments("-v", "role=unhashed")
            .run();

    assertThat(ended.status()).isNotZero();
    assertThat(ended.err()).contains("printable ASCII").doesNotContain("nter2");
    assertThat(server.query(database, "SELECT count(*) FROM pg_roles WHERE rolname = 'unhashed'"))
        .isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void itsRoleCanDoAllThatTheFunctionDoes(int major) {
    PostgresServer server = PostgresServer.shared(major);
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql("CREATE TABLE orders (id int PRIMARY KEY, v text)");
    Script script =
        setUp(superuser(server, deployment.database()))
            .with("PG2KINESIS_PASSWORD", PASSWORD)
            .arguments("-v", "role=cdc \"r\"", "-v", "publication=pub \"p\"");

    Ended first = script.run();
    Ended again = script.run();

    assertThat(first.status()).as(first.text()).isZero();
    assertThat(again.status()).as(again.text()).isZero();
    assertThat(again.out()).contains("exists");
    deployment
        .with("PGUSER", "cdc \"r\"")
        .with("PGPASSWORD", PASSWORD)
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
  void withSnapshotOnItsRoleLoadsATableThroughTheFunction() {
    PostgresServer server = PostgresServer.shared(15);
    LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);
    deployment.sql(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.orders (id int PRIMARY KEY, v text)",
        "INSERT INTO shop.orders SELECT i, 'v' FROM generate_series(1, 50) i",
        "CREATE TABLE secret (id int PRIMARY KEY)");
    Script script =
        setUp(superuser(server, deployment.database()))
            .with("PG2KINESIS_PASSWORD", PASSWORD)
            .arguments("-v", "role=loader", "-v", "publication=loaded", "-v", "tables=shop.orders");
    Ended without = script.run();
    assertThat(without.status()).as(without.text()).isZero();
    deployment
        .with("PGUSER", "loader")
        .with("PGPASSWORD", PASSWORD)
        .with("FORMAT", "csv")
        .with("PUBLICATION_NAMES", "loaded")
        .with("WATERMARK_PARAMETER", "/" + deployment.slot() + "/watermark")
        .withSlot("pgoutput");
    String start = "{\"action\":\"snapshot\",\"tables\":[\"shop.orders\"]}";
    try (Moto moto = Moto.start();
        AwsSettings settings = new AwsSettings(moto.endpoint())) {
      settings.set("aws.region", "us-east-1");
      assertThatThrownBy(() -> deployment.invoke(start))
          .hasMessageStartingWith("SNAPSHOT_REFUSED: ")
          .hasMessageContaining("shop.orders may not be read by the role: GRANT SELECT on it");

      Ended with = script.arguments("-v", "snapshot=on").run();

      assertThat(with.status()).as(with.text()).isZero();
      deployment.invoke(start);
      JsonNode report = deployment.invoke("{\"action\":\"poll\"}");
      assertThat(report.path("snapshotRows").asInt()).as(report.toString()).isEqualTo(50);
      assertThat(deployment.newPayloads()).hasSize(50).allMatch(p -> p.contains("READ"));
      assertThat(deployment.query("SELECT has_table_privilege('loader', 'secret', 'SELECT')"))
          .as("a table that is not published")
          .isEqualTo("f");
    }
  }

  @Test
  void letsTheRoleIntoADatabaseThatIsClosedToOthers() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    server.execute(database, "REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC");

    Ended ended = setUp(superuser(server, database)).arguments("-v", "role=let_in").run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(
            server.query(
                database, "SELECT has_database_privilege('let_in', '" + database + "', 'CONNECT')"))
        .isEqualTo("t");
  }

  @Test
  void publishesNoTableWhoseUpdatesWouldFailUnlessTold() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE with_key (id int PRIMARY KEY)",
        "CREATE TABLE \"No key\" (v text)",
        "CREATE TABLE deferrable_key (id int PRIMARY KEY DEFERRABLE)",
        "CREATE TABLE whole_row (v text)",
        "ALTER TABLE whole_row REPLICA IDENTITY FULL",
        "CREATE TABLE nothing (id int PRIMARY KEY)",
        "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
        "CREATE TABLE by_index (id int NOT NULL)",
        "CREATE UNIQUE INDEX by_index_i ON by_index (id)",
        "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_i",
        "CREATE TABLE index_gone (id int NOT NULL)",
        "CREATE UNIQUE INDEX index_gone_i ON index_gone (id)",
        "ALTER TABLE index_gone REPLICA IDENTITY USING INDEX index_gone_i",
        "DROP INDEX index_gone_i",
        "CREATE UNLOGGED TABLE unlogged (v text)",
        "CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE child PARTITION OF parent DEFAULT");

    Ended refused = setUp(superuser(server, database)).run();
    String publications = server.query(database, "SELECT count(*) FROM pg_publication");
    Ended told = setUp(superuser(server, database)).arguments("-v", "keyless=on").run();

    assertThat(refused.status()).isNotZero();
    assertThat(refused.err()).contains("-v tables=", "-v keyless=on");
    assertThat(publications).isEqualTo("0");
    assertThat(told.status()).as(told.text()).isZero();
    for (Ended ended : List.of(refused, told)) {
      assertThat(ended.err().lines().filter(line -> line.startsWith("public.")))
          .containsExactly(
              "public.\"No key\"", "public.deferrable_key", "public.index_gone", "public.nothing");
    }
  }

  @Test
  void publishesTheTablesNamedAndLetsTheRoleSeeTransactions() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE \"Odd Name\" (v text)",
        "CREATE TABLE c (id int PRIMARY KEY)");

    Ended ended =
        setUp(superuser(server, database))
            .arguments("-v", "tables=a, \"Odd Name\"", "-v", "monitor=on")
            .run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(
            server.query(
                database,
                "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_publication_tables"))
        .isEqualTo("Odd Name,a");
    assertThat(ended.err()).contains("no replica identity").contains("public.\"Odd Name\"");
    assertThat(
            server.query(
                database, "SELECT pg_has_role('pg2kinesis', 'pg_read_all_stats', 'USAGE')"))
        .isEqualTo("t");
  }

  @Test
  void takesRdsForRds() {
    try (EmulatedRds rds = EmulatedRds.start(15)) {
      Ended ended =
          setUp(superuser(rds.server(), rds.database()))
              .arguments("-v", "iam=on", "-v", "publication=none")
              .run();

      assertThat(ended.status()).as(ended.text()).isZero();
      assertThat(
              rds.query(
                  "SELECT rolreplication::text || pg_has_role('pg2kinesis', 'rds_replication',"
                      + " 'MEMBER') || pg_has_role('pg2kinesis', 'rds_iam', 'MEMBER')"
                      + " FROM pg_roles WHERE rolname = 'pg2kinesis'"))
          .isEqualTo("falsetruetrue");
      assertThat(rds.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }
  }

  @Test
  void failsWithTheReasonWhereWalIsNotLogical() {
    PostgresServer server =
        PostgresServer.start(15, Map.of("wal_level", "replica", "max_wal_senders", "0"));
    try {
      Ended ended = setUp(superuser(server, "postgres")).run();

      assertThat(ended.status()).isNotZero();
      assertThat(ended.err())
          .contains("wal_level is replica, and must be logical")
          .contains("rds.logical_replication");
    } finally {
      server.close();
    }
  }

  @Test
  void failsWhereIamIsNotToBeHad() {
    PostgresServer server = PostgresServer.shared(15);
    Ended ended =
        setUp(superuser(server, server.createDatabase()))
            .arguments("-v", "role=no_iam", "-v", "iam=on")
            .run();

    assertThat(ended.status()).isNotZero();
    assertThat(ended.err()).contains("there is no role rds_iam here");
  }

  @Test
  void explainsItself() {
    PostgresServer server = PostgresServer.shared(15);
    String database = server.createDatabase();

    Ended ended = setUp(superuser(server, database)).arguments("-v", "help=on").run();

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).startsWith("usage: psql");
    assertThat(server.query(database, "SELECT count(*) FROM pg_publication")).isEqualTo("0");
  }
}

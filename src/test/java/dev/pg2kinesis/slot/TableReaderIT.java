package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.postgres.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables read in key order, chunk by chunk, on several major versions. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 15, 18})
class TableReaderIT {

  private static final Duration TIME = Duration.ofSeconds(30);
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final TableName TABLE = new TableName("public", "t");

  private static @Nullable PostgresServer ofThisMajor;

  @Parameter int major;

  private final PostgresServer server = Objects.requireNonNull(ofThisMajor);
  private final String database = server.createDatabase();
  private final String slot = "tables_" + NAMES.incrementAndGet();

  @BeforeParameterizedClassInvocation
  static void start(int major) {
    ofThisMajor = PostgresServer.start(major, Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    Objects.requireNonNull(ofThisMajor).close();
  }

  private PostgresSlot open(String plugin, String... sql) {
    server.execute(database, sql);
    server.execute(
        database,
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin + "')");
    return PostgresSlot.open(
        new Database(
            server.host(), server.port(), database, "postgres", "postgres", "disable", null, null),
        slot,
        List.of("p"),
        2,
        TIME);
  }

  private static String line(Row row) {
    return row.values().stream()
        .map(value -> value instanceof Value.Text text ? text.text() : "null")
        .collect(Collectors.joining("|"));
  }

  private static List<String> all(TableReader tables, TableName name, long rows, long bytes) {
    TableShape shape = Objects.requireNonNull(tables.shape(name));
    List<String> lines = new ArrayList<>();
    List<String> after = null;
    while (true) {
      TableChunk chunk =
          Objects.requireNonNull(
              tables.read(shape, after, new TableChunk.Bounds(rows, bytes), TIME));
      assertThat(chunk.rows().size()).isLessThanOrEqualTo((int) rows);
      chunk.rows().forEach(row -> lines.add(line(row)));
      if (chunk.last()) {
        return lines;
      }
      Row last = chunk.rows().get(chunk.rows().size() - 1);
      after =
          shape.keyNames().stream()
              .map(column -> ((Value.Text) Objects.requireNonNull(last.value(column))).text())
              .toList();
    }
  }

  static Stream<String> keys() {
    return Stream.of(
        "k int|i - 50",
        "k bigint|i * 1000000007::bigint",
        "k text|md5(i::text)",
        "k text|repeat(chr(64 + i % 60), 1 + i / 60) || E'\\\\''\\n\\t' || i",
        "k text COLLATE \"C\"|chr(160 + i) || i",
        "k varchar(20)|'v' || i",
        "k char(5)|i::text",
        "k uuid|md5(i::text)::uuid",
        "k numeric|i / 7.0",
        "k numeric|CASE WHEN i = 7 THEN 'NaN' ELSE (i / 7.0)::text END::numeric",
        "k double precision|CASE WHEN i = 7 THEN 'NaN' ELSE sqrt(i)::text END::float8",
        "k timestamptz|CASE WHEN i = 9 THEN 'infinity' ELSE to_char(i, 'FM0000') || '-01-01' END::timestamptz",
        "k timestamp|CASE WHEN i = 9 THEN '-infinity' ELSE to_char(i, 'FM0000') || '-01-01' END::timestamp",
        "k date|CASE WHEN i < 9 THEN '0044-03-15 BC'::date + i ELSE '2026-01-01'::date + i END",
        "k c|ROW(i % 3, 'x,\"(' || i)::c",
        "k interval|i * interval '1 hour 3 microseconds'",
        "k bytea|decode(md5(i::text), 'hex')",
        "k int[]|ARRAY[i % 3, i]",
        "k bit(9)|i::bit(9)",
        "k inet|('10.0.0.' || i % 250 || '/' || 8 + i / 250)::inet",
        "k \"char\"|chr(i)::\"char\"",
        "k e|CASE i WHEN 1 THEN 'z' WHEN 2 THEN 'a' ELSE 'm' END::e",
        "k d|i",
        "k jsonb|jsonb_build_object('a', i)",
        "k int4range|int4range(i, i + 5)",
        "k bool|i % 2 = 0");
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyRowOfAnyKeyIsReadOnceInOrder(String key) {
    String definition = key.substring(0, key.indexOf('|'));
    String value = key.substring(key.indexOf('|') + 1);
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE TYPE e AS ENUM ('z', 'm', 'a')",
            "CREATE TYPE c AS (a int, b text)",
            "CREATE DOMAIN d AS int CHECK (VALUE > 0)",
            "CREATE TABLE t (v text, " + definition + " PRIMARY KEY)",
            "INSERT INTO t SELECT 'v' || i, "
                + value
                + " FROM generate_series(1, 120) i ON CONFLICT DO NOTHING")) {
      String expected = server.query(database, "SELECT string_agg(v, ',' ORDER BY k) FROM t");
      List<String> lines = all(opened.tables(), TABLE, 7, 1 << 20);
      assertThat(lines.stream().map(l -> l.substring(0, l.indexOf('|'))).toList())
          .containsExactly(expected.split(","));
    }
  }

  /** Keys that not all versions have. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "k numeric|CASE i WHEN 7 THEN 'Infinity' WHEN 9 THEN '-Infinity' ELSE i::text END::numeric",
        "k text COLLATE \"und-x-icu\"|CASE i % 3 WHEN 0 THEN 'ä' WHEN 1 THEN 'Z' ELSE 'a' END || i",
        "k text COLLATE without_case|CASE i % 2 WHEN 0 THEN 'A' ELSE 'a' END || i"
      })
  void everyRowOfALaterKeyIsReadOnceInOrder(String key) {
    assumeTrue(major >= 14, "numeric has had infinities since 14");
    server.execute(
        database,
        "CREATE COLLATION without_case"
            + " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
    everyRowOfAnyKeyIsReadOnceInOrder(key);
  }

  @Test
  void compositeKeysAreReadInTheOrderOfTheirIndexAndChunksEndByBytes() {
    try (PostgresSlot opened =
        open(
            "test_decoding",
            "CREATE TABLE t (a int, b text, c text, v text, PRIMARY KEY (c, a, b))",
            "INSERT INTO t SELECT i % 3, 'b' || i % 7, 'c' || i % 2, repeat('x', i * 10)"
                + " FROM generate_series(1, 42) i")) {
      assertThat(all(opened.tables(), TABLE, 100, 500)).hasSize(42).doesNotHaveDuplicates();
      assertThat(all(opened.tables(), TABLE, 1, 1 << 20))
          .isEqualTo(all(opened.tables(), TABLE, 100, 1 << 20));
    }
  }

  @Test
  void operatorsOfExtensionsOrderTheKey() {
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE EXTENSION citext",
            "CREATE TABLE t (a citext, b int, PRIMARY KEY (a, b))",
            "INSERT INTO t SELECT CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'B' WHEN 2 THEN 'c' ELSE"
                + " 'D' END, i FROM generate_series(1, 40) i")) {
      List<String> lines = all(opened.tables(), TABLE, 3, 1 << 20);
      assertThat(lines).hasSize(40).doesNotHaveDuplicates();
      assertThat(lines.get(0)).isEqualTo("a|4");
      assertThat(lines.get(39)).isEqualTo("D|39");
    }
  }

  @Test
  void theIndexOfTheReplicaIdentityIsTheKey() {
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE TABLE t (id int PRIMARY KEY, u text COLLATE \"POSIX\" NOT NULL, v text)",
            "CREATE UNIQUE INDEX tu ON t (u COLLATE \"C\" DESC)",
            "ALTER TABLE t REPLICA IDENTITY USING INDEX tu",
            "INSERT INTO t SELECT i, chr(60 + i), NULL FROM generate_series(1, 40) i")) {
      assertThat(Objects.requireNonNull(opened.tables().shape(TABLE)).keyNames())
          .containsExactly("u");
      assertThat(all(opened.tables(), TABLE, 3, 1 << 20)).hasSize(40).doesNotHaveDuplicates();
    }
  }

  @Test
  void namesAreQuoted() {
    TableName odd = new TableName("s \"'\\ $x", "t;--\n");
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE SCHEMA " + SqlText.identifier(odd.schema()),
            "CREATE TABLE "
                + SqlText.identifier(odd)
                + " (\"k \"\"'\\ \" text PRIMARY KEY, \"%I\" int)",
            "INSERT INTO " + SqlText.identifier(odd) + " VALUES (E'\\\\''\"', 1), ('b', 2)")) {
      assertThat(all(opened.tables(), odd, 1, 1 << 20)).containsExactlyInAnyOrder("\\'\"|1", "b|2");
    }
  }

  @Test
  void aTableThatChangedIsNotRead() {
    try (PostgresSlot opened = open("pgoutput", "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      TableShape shape = Objects.requireNonNull(opened.tables().shape(TABLE));
      server.execute(database, "ALTER TABLE t ADD w int");
      assertThat(opened.tables().read(shape, null, new TableChunk.Bounds(1, 1), TIME)).isNull();
      server.execute(database, "DROP TABLE t");
      assertThat(opened.tables().read(shape, null, new TableChunk.Bounds(1, 1), TIME)).isNull();
      assertThat(opened.tables().shape(TABLE)).isNull();
    }
  }

  @Test
  void aTableThatLeavesThePublicationIsNotThereAnyMore() {
    try (PostgresSlot opened = open("pgoutput", "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      TableShape shape = Objects.requireNonNull(opened.tables().shape(TABLE));
      server.execute(
          database,
          "CREATE TABLE other (id int PRIMARY KEY)",
          "DROP PUBLICATION p",
          "CREATE PUBLICATION p FOR TABLE other");
      assertThat(opened.tables().shape(TABLE)).isNull();
      assertThat(opened.tables().read(shape, null, new TableChunk.Bounds(1, 1), TIME)).isNull();
    }
  }

  @Test
  void theCatalogSaysWhatCannotBeLoaded() {
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE TABLE t (id int PRIMARY KEY)",
            "CREATE UNLOGGED TABLE u (id int PRIMARY KEY)",
            "CREATE VIEW v AS SELECT * FROM t",
            "CREATE MATERIALIZED VIEW m AS SELECT * FROM t",
            "CREATE FOREIGN DATA WRAPPER w",
            "CREATE SERVER s FOREIGN DATA WRAPPER w",
            "CREATE FOREIGN TABLE f (id int) SERVER s",
            "CREATE TABLE n (v text)",
            "CREATE TABLE i (id int PRIMARY KEY)",
            "ALTER TABLE i REPLICA IDENTITY NOTHING",
            "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)")) {
      List<String> lines =
          opened.tables().candidates().stream()
              .map(
                  c ->
                      c.table().name()
                          + " "
                          + c.kind()
                          + (c.unlogged() ? " unlogged" : "")
                          + (c.hasKey() ? "" : " keyless")
                          + (c.identityNothing() ? " nothing" : "")
                          + (c.published() ? "" : " unpublished")
                          + c.ancestors())
              .toList();
      assertThat(lines)
          .containsExactly(
              "f f keyless nothing unpublished[]",
              "i r nothing[]",
              "m m keyless unpublished[]",
              "n r keyless[]",
              "p p unpublished[]",
              "p1 r[public.p]",
              "t r[]",
              "u r unlogged unpublished[]",
              "v v keyless nothing unpublished[]");
    }
  }

  /** A database snapshot holds back vacuum for as long as it is open. */
  @Test
  void aReadThatTakesTooLongIsGivenUpAndHoldsNothingBack() {
    // Half a gigabyte once it is read: no machine reads it within the smallest limit.
    try (PostgresSlot opened =
        open(
            "pgoutput",
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "INSERT INTO t SELECT i, repeat('x', 5000000) FROM generate_series(1, 100) i")) {
      TableReader tables = opened.tables();
      TableShape shape = Objects.requireNonNull(tables.shape(TABLE));
      TableChunk.Bounds bounds = new TableChunk.Bounds(100_000, 1 << 30);
      assertThatThrownBy(() -> tables.read(shape, null, bounds, Duration.ofMillis(1)))
          .isInstanceOf(SlotException.class)
          .hasMessageContaining("PEEK_TIMEOUT");
      assertThat(
              server.query(
                  database,
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                      + " AND application_name = 'pg2kinesis-lambda'"
                      + " AND (backend_xmin IS NOT NULL OR state <> 'idle')"))
          .isEqualTo("0");
      assertThat(tables.read(shape, null, new TableChunk.Bounds(10, 1 << 30), TIME)).isNotNull();
    }
  }

  @Test
  void everyWalPositionIsFlushedAfterAMoment() {
    try (PostgresSlot opened = open("pgoutput", "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      server.execute(database, "INSERT INTO t SELECT i FROM generate_series(1, 1000) i");
      assertThat(opened.tables().insertLsn()).isLessThanOrEqualTo(opened.position().flush());
    }
  }

  @Test
  void rowsThatRowSecurityWouldHideAreAnError() {
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY)",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "DROP ROLE IF EXISTS rls_reader",
        "CREATE ROLE rls_reader LOGIN REPLICATION PASSWORD 'x'",
        "GRANT SELECT ON t TO rls_reader",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    try (PostgresSlot opened =
        PostgresSlot.open(
            new Database(
                server.host(), server.port(), database, "rls_reader", "x", "disable", null, null),
            slot,
            List.of("p"),
            2,
            TIME)) {
      assertThat(opened.tables().candidates())
          .filteredOn(candidate -> candidate.table().equals(TABLE))
          .singleElement()
          .matches(TableCandidate::rowSecurity)
          .matches(TableCandidate::readable);
      TableShape shape = Objects.requireNonNull(opened.tables().shape(TABLE));
      assertThatThrownBy(() -> opened.tables().read(shape, null, new TableChunk.Bounds(9, 9), TIME))
          .isInstanceOf(SlotException.class)
          .hasMessageContaining("PRIVILEGE_MISSING");
    } finally {
      server.execute(database, "DROP TABLE t", "DROP ROLE rls_reader");
    }
  }
}

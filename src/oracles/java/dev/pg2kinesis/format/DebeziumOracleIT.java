package dev.pg2kinesis.format;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.format.DebeziumOracle.Pair;
import dev.pg2kinesis.postgres.Extensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The debezium format against the real Debezium engine on the same changes of the same server.
 * Whatever differs is a line of a table in {@code src/docs/formats.md}, and nothing else differs.
 */
class DebeziumOracleIT {

  private static final Path DOCUMENT = Path.of("src/docs/formats.md");

  /** Types, each with values of it. */
  private static final String TYPES =
      """
          smallint | -32768 | 32767 | NULL
          integer | -2147483648 | 2147483647 | NULL
          bigint | -9223372036854775808 | 9223372036854775807
          oid | 0 | 4294967295
          real | 0 | -0 | 1 | 1.1 | 1e10 | 3.4028235e+38 | 16777216 | 1e-30 | NaN | Infinity | -Infinity
          double precision | 0 | -0 | 1 | 0.1 | 1e300 | 5e-324 | 123456789012345678 | NaN | Infinity | -Infinity
          numeric | 0 | 1.10 | -0.00001 | 12345678901234567890123456789012345678901234567890.123456789012345678901234567890 | 1e30 | NaN | Infinity | -Infinity | NULL
          numeric(10,2) | 1.1 | 100 | NaN
          numeric(5,-2) | 12300
          numeric(3,5) | 0.00123
          money | 1234.56 | -1234.56 | 0
          boolean | t | f | NULL
          "char" | a | \\
          character(5) | ab | é
          character varying(10) | abc | EMPTY
          text | it's "q" \\ | a b | 😀é | null | NULL
          name | n
          bytea | \\x | \\x00ff10 | \\xdeadbeef
          bit(1) | 0 | 1
          bit(5) | 00101 | 00000
          bit(16) | 1000000000000001
          bit varying | 1 | 101 | 000 | 100000001 | EMPTY
          bit varying(1) | 1
          bit varying(5) | 101
          uuid | 00112233-4455-6677-8899-aabbccddeeff
          json | {"a": 1,  "b":null} | "s" | null
          jsonb | {"a": 1,  "b":null} | 1.10
          xml | <a>x</a>
          date | 2024-02-29 | 0044-03-15 BC | 0001-12-31 BC | 10000-01-01 | infinity | -infinity | NULL
          time | 00:00:00 | 12:30:00.5 | 23:59:59.999999 | 24:00:00
          time(3) | 12:30:00.5
          time(0) | 12:30:00
          time with time zone | 12:30:00+00 | 12:30:00.5+02 | 23:30:00-05:30 | 00:00:00+15:59 | 24:00:00+00
          timestamp | 2024-02-29 12:30:00 | 2024-02-29 12:30:00.123456 | 0044-03-15 12:30:00 BC | 10000-01-01 00:00:00 | infinity | -infinity
          timestamp(3) | 2024-02-29 12:30:00.5
          timestamp with time zone | 2024-02-29 12:30:00+00 | 2024-02-29 12:30:00.123+02 | 0044-03-15 12:30:00+00 BC | 10000-01-01 00:00:00+00 | infinity | -infinity
          timestamp(3) with time zone | 2024-02-29 12:30:00.5+00 | 2024-02-29 12:30:00+00
          timestamp(0) with time zone | 2024-02-29 12:30:00+00
          interval | 1 year 2 mons -3 days 04:05:06.789 | -00:00:00.000001 | 00:00:00 | 1 day | -1 year | 100:00:00 | -1 mon 1 day -01:00:00 | infinity
          inet | 10.0.0.1 | ::1/64
          cidr | 10.0.0.0/8
          macaddr | 08:00:2b:01:02:03
          macaddr8 | 08:00:2b:01:02:03:04:05
          int4range | [1,5) | empty | (,5)
          int8range | [1,5)
          numrange | [1.10,5)
          tsrange | [2024-01-01 00:00:00,2024-01-02 00:00:00)
          tstzrange | [2024-01-01 00:00:00+00,)
          daterange | [2024-01-01,2024-01-02)
          int4multirange | {[1,5),[7,9)}
          datemultirange | {[2024-01-01,2024-01-02)}
          tsvector | a:1 b:2
          tsquery | a & b
          jsonpath | $.a
          pg_lsn | 16/B374D848
          txid_snapshot | 10:20:10,14
          regclass | pg_class
          regtype | integer
          xid8 | 5
          point | (1.5,-2) | (0,1e100) | (NaN,Infinity)
          line | {1,2,3}
          lseg | [(0,0),(1,1)]
          box | (1,1),(0,0)
          path | ((0,0),(1,1))
          polygon | ((0,0),(1,1),(1,0))
          circle | <(0,0),1>
          mood | sad | ha'p"py
          positive | 5
          label | x
          pair | (1,"a b")
          citext | AbC
          hstore | "a"=>"1", "q\\""=>NULL
          ltree | a.b.c
          isbn | 978-0-393-04002-9
          smallint[] | {1,NULL,-3} | {}
          integer[] | {1,NULL,3} | {{1,2},{3,4}} | [0:1]={1,2} | {}
          bigint[] | {1,9223372036854775807}
          oid[] | {1,4294967295}
          real[] | {1.1,NaN,1e10}
          double precision[] | {0.1,Infinity}
          numeric[] | {1.10,NaN,100}
          numeric(10,2)[] | {1.1}
          money[] | {"$1.00"}
          boolean[] | {t,f,NULL}
          "char"[] | {a}
          character(5)[] | {ab}
          character varying[] | {a,"b c"}
          text[] | {a,"b,\\"c\\"",NULL,"NULL",""} | {{a,b},{c,d}}
          name[] | {n}
          bytea[] | {"\\\\x00ff"}
          bit(3)[] | {101}
          bit varying[] | {101}
          uuid[] | {00112233-4455-6677-8899-aabbccddeeff}
          json[] | {"{\\"a\\": 1}"}
          jsonb[] | {"{\\"a\\": 1}"}
          xml[] | {<a/>}
          date[] | {2024-02-29,NULL}
          time[] | {12:30:00.5}
          time with time zone[] | {12:30:00.5+02}
          timestamp[] | {"2024-02-29 12:30:00.5"}
          timestamp with time zone[] | {"2024-02-29 12:30:00.5+00"}
          interval[] | {"1 day"}
          inet[] | {10.0.0.1}
          cidr[] | {10.0.0.0/8}
          macaddr[] | {08:00:2b:01:02:03}
          int4range[] | {"[1,5)"}
          tstzrange[] | {"[\\"2024-01-01 00:00:00+00\\",)"}
          point[] | {"(1,2)"}
          box[] | {(1,1),(0,0);(3,3),(2,2)}
          mood[] | {sad}
          positive[] | {1,2}
          pair[] | {"(1,\\"a b\\")"}
          citext[] | {AbC}
          hstore[] | {"\\"a\\"=>\\"1\\""}
          ltree[] | {a.b,c}
          int4multirange[] | {"{[1,5)}"}
          tsvector[] | {"'a':1"}
          """;

  /** Types of extensions; pgvector's stand for themselves, as texts under the same names. */
  private static final String EXTENSION_TYPES =
      """
          geometry | SRID=4326;POINT(1 2) | LINESTRING(0 0,1 1) | POINT Z (1 2 3) | POINT EMPTY | NULL
          geometry(Point,4326) | SRID=4326;POINT(1 2)
          geography | POINT(1 2)
          geometry[] | {POINT(1 2):SRID=4326;POINT(3 4):NULL}
          geography[] | {POINT(1 2)}
          box2d | BOX(1 2,3 4)
          box3d | BOX3D(1 2 3,4 5 6)
          unit | 9.81 m/s^2
          unit[] | {1 m,2 s}
          cube | (1,2),(3,4)
          cube[] | {"(1,2),(3,4)"}
          seg | 1.5 .. 2
          ean13 | 978-0-393-04002-9
          citext | AbC
          hstore | "a"=>"1"
          lquery | a.*
          query_int | 1&2
          vector | [1,2.5,-3e-05] | NULL
          vector[] | {"[1,2]"}
          halfvec | [1,2.5]
          halfvec[] | {"[1,2]"}
          sparsevec | {1:1.5,3:2}/5
      """;

  @Test
  void valuesOfExtensionTypes() throws IOException {
    List<String> debian = List.of("postgis", "unit");
    assumeTrue(Extensions.DEBIAN.have(debian), Extensions.DEBIAN::missing);
    try (DebeziumOracle oracle = new DebeziumOracle(Extensions.DEBIAN.major())) {
      oracle.offer(Extensions.DEBIAN, debian);
      for (String extension :
          List.of(
              "postgis", "unit", "citext", "hstore", "ltree", "cube", "seg", "isn", "intarray")) {
        oracle.run("CREATE EXTENSION " + extension);
      }
      for (String type : List.of("vector", "halfvec", "sparsevec")) {
        oracle.run(
            "CREATE TYPE " + type,
            "CREATE FUNCTION "
                + type
                + "_in(cstring) RETURNS "
                + type
                + " AS 'textin' LANGUAGE internal IMMUTABLE STRICT",
            "CREATE FUNCTION "
                + type
                + "_out("
                + type
                + ") RETURNS cstring"
                + " AS 'textout' LANGUAGE internal IMMUTABLE STRICT",
            "CREATE TYPE "
                + type
                + " (INPUT = "
                + type
                + "_in, OUTPUT = "
                + type
                + "_out, INTERNALLENGTH = VARIABLE, STORAGE = extended)");
      }
      compare(oracle, EXTENSION_TYPES, "extensions", line -> true);
    }
  }

  @Test
  void valuesOfPgvector() throws IOException {
    assumeTrue(Extensions.PGVECTOR.have(List.of("vector")), Extensions.PGVECTOR::missing);
    try (DebeziumOracle oracle = new DebeziumOracle(Extensions.PGVECTOR.major())) {
      oracle.offer(Extensions.PGVECTOR, List.of("vector"));
      oracle.run("CREATE EXTENSION vector");
      String types =
          EXTENSION_TYPES.lines().filter(line -> line.startsWith("vector")).collect(joining("\n"));
      compare(oracle, types, "extensions", line -> line.startsWith("| `vector"));
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(ints = {15, 18})
  void valuesOfEveryType(int major) throws IOException {
    try (DebeziumOracle oracle = new DebeziumOracle(major)) {
      oracle.run(USER_TYPES);
      compare(oracle, TYPES, "values", holds(major));
    }
  }

  private static Predicate<String> holds(int major) {
    return line -> major >= 17 || !line.startsWith("| `interval` | `infinity` |");
  }

  /** Debezium reads rows through JDBC, and changes through pgoutput. */
  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(ints = {15, 18})
  void valuesOfEveryTypeThatASnapshotReads(int major) throws IOException {
    try (DebeziumOracle oracle = new DebeziumOracle(major)) {
      oracle.run(USER_TYPES);
      List<String[]> types = types(TYPES);
      create(oracle, types);
      Map<String, String> inserted = insert(oracle, types, holds(major));
      oracle.createSlots();
      List<TableName> tables =
          IntStream.range(0, types.size()).mapToObj(i -> new TableName("public", "t" + i)).toList();

      List<Pair> pairs = oracle.reads(tables);

      assertThat(pairs).hasSameSizeAs(inserted.keySet());
      Set<String> differences = new LinkedHashSet<>();
      for (Pair pair : pairs) {
        differ(pair, Objects.requireNonNull(inserted.get(identity(pair))), differences);
      }
      Set<String> documented = documented("values");
      for (String line : documented("reads")) {
        String[] cells = line.split(" \\| ", -1);
        documented.removeIf(other -> other.startsWith(cells[0] + " | " + cells[1] + " | "));
        if (!cells[3].equals(cells[2] + " |")) {
          documented.add(line);
        }
      }
      check("reads", differences, documented, holds(major));
    }
  }

  private static String identity(Pair pair) {
    return pair.ours().at("/source/table").asText() + " " + pair.ours().at("/after/id").asText();
  }

  /**
   * Inserts each value into a table with a column of its type, and compares the differences with a
   * table of the document.
   *
   * @param holds whether a line of that table is true of this server
   */
  private static void compare(
      DebeziumOracle oracle, String table, String name, Predicate<String> holds)
      throws IOException {
    List<String[]> types = types(table);
    create(oracle, types);
    oracle.createSlots();
    List<String> inserted = List.copyOf(insert(oracle, types, holds).values());
    Set<String> differences = new LinkedHashSet<>();
    List<Pair> pairs = oracle.pairs();
    assertThat(pairs).hasSameSizeAs(inserted);
    for (int i = 0; i < pairs.size(); i++) {
      differ(pairs.get(i), inserted.get(i), differences);
    }
    checkDocumented(name, differences, holds);
  }

  private static List<String[]> types(String table) {
    return table.lines().map(line -> line.strip().split(" +\\| ", -1)).toList();
  }

  private static void create(DebeziumOracle oracle, List<String[]> types) {
    for (int i = 0; i < types.size(); i++) {
      oracle.run("CREATE TABLE t" + i + " (id integer PRIMARY KEY, v " + types.get(i)[0] + ")");
    }
  }

  /** What was inserted, a type and a text, by the table and the key. */
  private static Map<String, String> insert(
      DebeziumOracle oracle, List<String[]> types, Predicate<String> holds) {
    Map<String, String> inserted = new LinkedHashMap<>();
    for (int i = 0; i < types.size(); i++) {
      for (int value = 1; value < types.get(i).length; value++) {
        String text = types.get(i)[value];
        if (holds.test(line(types.get(i)[0], text))) {
          oracle.run(insert("t" + i, value, text));
          inserted.put("t" + i + " " + value, types.get(i)[0] + "|" + text);
        }
      }
    }
    return inserted;
  }

  /** Adds a line if the two have different values. */
  private static void differ(Pair pair, String typeAndText, Set<String> differences) {
    JsonNode ours = pair.ours().at("/after/v");
    JsonNode debezium = pair.debezium().at("/after/v");
    assertThat(ours.isMissingNode()).isFalse();
    if (!ours.equals(debezium)) {
      String[] parts = typeAndText.split("\\|", 2);
      differences.add(line(parts[0], parts[1], render(debezium), render(ours)));
    }
  }

  private static void checkDocumented(String name, Set<String> differences, Predicate<String> holds)
      throws IOException {
    check(name, differences, documented(name), holds);
  }

  private static void check(
      String name, Set<String> differences, Set<String> documented, Predicate<String> holds)
      throws IOException {
    Files.write(Path.of("target/debezium-" + name + ".md"), differences);
    documented.removeIf(holds.negate());
    assertThat(differences).containsExactlyInAnyOrderElementsOf(documented);
  }

  private static String insert(String table, int id, String text) {
    String value =
        switch (text) {
          case "NULL" -> "NULL";
          case "EMPTY" -> "''";
          default -> "'" + text.replace("'", "''") + "'";
        };
    return "INSERT INTO " + table + " VALUES (" + id + ", " + value + ")";
  }

  private static String line(String... cells) {
    StringBuilder line = new StringBuilder("|");
    for (String cell : cells) {
      line.append(cell.equals("left out") ? " left out |" : " `" + cell + "` |");
    }
    return line.toString();
  }

  /** JSON short enough for a table, without what differs from run to run. */
  private static String render(JsonNode node) {
    if (node.isMissingNode()) {
      return "left out";
    }
    String json = node.toString();
    int hash = json.indexOf("String;@");
    json = hash < 0 ? json : json.substring(0, hash) + "…";
    return json.length() <= 60 ? json : json.substring(0, 20) + "…";
  }

  /** The lines of a table in the document, between two comments that name it. */
  private static Set<String> documented(String name) throws IOException {
    Set<String> lines = new LinkedHashSet<>();
    boolean inside = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.equals("<!-- debezium " + name + " -->")) {
        inside = true;
      } else if (line.equals("<!-- end -->")) {
        inside = false;
      } else if (inside && line.startsWith("| `")) {
        lines.add(line);
      }
    }
    assertThat(lines).isNotEmpty();
    return lines;
  }

  @Test
  void fieldsOfEveryEvent() throws IOException {
    Set<String> differences = new TreeSet<>();
    try (DebeziumOracle oracle = new DebeziumOracle(18)) {
      oracle.run(SCHEMA);
      oracle.createSlots();
      oracle.run(CHANGES);
      List<Pair> pairs = oracle.pairs();
      assertThat(pairs)
          .extracting(pair -> pair.ours().path("op").asText())
          .contains("c", "u", "d", "t", "m");
      for (Pair pair : pairs) {
        collect("", pair, pair, differences);
      }
    }
    Files.write(Path.of("target/debezium-fields.md"), differences);
    Set<String> documented = new TreeSet<>();
    for (String line : documented("fields")) {
      documented.add(line.substring(3, line.indexOf('`', 3)));
    }
    assertThat(differences).isEqualTo(documented);
  }

  @Test
  void fieldsOfEveryRowThatASnapshotReads() throws IOException {
    Set<String> differences = new TreeSet<>();
    try (DebeziumOracle oracle = new DebeziumOracle(18)) {
      oracle.run(
          "CREATE TABLE plain (id integer PRIMARY KEY, v text, n integer NOT NULL DEFAULT 5)",
          "CREATE TABLE computed (id integer PRIMARY KEY, a integer,"
              + " twice integer GENERATED ALWAYS AS (a * 2) STORED)",
          "INSERT INTO plain VALUES (1, 'one'), (2, NULL), (3, repeat('x', 9000))",
          "INSERT INTO computed VALUES (1, 21)");
      oracle.createSlots();
      List<Pair> pairs =
          oracle.reads(
              List.of(new TableName("public", "plain"), new TableName("public", "computed")));
      assertThat(pairs).hasSize(4);
      for (Pair pair : pairs) {
        assertThat(pair.ours().path("op").asText()).isEqualTo("r");
        collectReads("", pair, pair, differences);
      }
    }
    Files.write(Path.of("target/debezium-read-fields.md"), differences);
    Set<String> documented = new TreeSet<>();
    for (String line : documented("read fields")) {
      documented.add(line.substring(3, line.indexOf('`', 3)));
    }
    assertThat(differences).isEqualTo(documented);
  }

  /** Debezium's own transform, on the same changes. */
  @Test
  void flatIsWhatTheTransformMakes() {
    try (DebeziumOracle oracle = new DebeziumOracle(18)) {
      oracle.run(SCHEMA);
      oracle.createSlots();
      oracle.run(CHANGES);
      List<Pair> pairs = oracle.pairs(Format.FLAT);
      assertThat(pairs).hasSizeGreaterThan(20);
      for (Pair pair : pairs) {
        if (pair.ours().path("__table").asText().equals("Odd.\"table")) {
          continue; // Debezium loses columns whose names are not ASCII
        }
        pair.debezium()
            .properties()
            .forEach(
                field -> {
                  JsonNode ours = pair.ours().path(field.getKey());
                  boolean leftOut =
                      ours.isMissingNode() && pair.ours().path("__op").asText().equals("d");
                  boolean bytes = field.getKey().equals("bytes") && field.getValue().isNull();
                  if (!leftOut && !bytes) {
                    assertThat(ours).as(field.getKey()).isEqualTo(field.getValue());
                  }
                });
        assertThat(pair.debezium().fieldNames())
            .toIterable()
            .containsAll(() -> pair.ours().fieldNames());
      }
    }
  }

  /** Debezium's own converter, on the same changes. */
  @Test
  void cloudEventsHaveDebeziumsAttributes() {
    try (DebeziumOracle oracle = new DebeziumOracle(18)) {
      oracle.run(SCHEMA);
      oracle.createSlots();
      oracle.run(CHANGES);
      List<Pair> pairs = oracle.pairs(Format.CLOUDEVENTS);
      Set<String> differences = new TreeSet<>();
      Set<String> ids = new HashSet<>();
      for (Pair pair : pairs) {
        assertThat(ids.add(pair.ours().path("id").asText())).isTrue();
        Set<String> names = new TreeSet<>();
        pair.ours().fieldNames().forEachRemaining(names::add);
        pair.debezium().fieldNames().forEachRemaining(names::add);
        names.remove("data"); // compared as debezium's before and after
        for (String name : names) {
          if (!pair.ours().path(name).equals(pair.debezium().path(name))) {
            differences.add(name);
          }
        }
        assertThat(pair.ours().at("/data").fieldNames())
            .toIterable()
            .containsExactlyElementsOf(() -> pair.debezium().at("/data").fieldNames());
      }
      assertThat(differences)
          .containsExactly(
              "id",
              "iodebeziumorigin",
              "iodebeziumoriginlsn",
              "iodebeziumsequence",
              "iodebeziumtxId",
              "iodebeziumtxdatacollectionorder",
              "iodebeziumtxid",
              "iodebeziumtxtotalorder",
              "iodebeziumversion",
              "iodebeziumxmin");
    }
  }

  /** All but the order of the tables, and the name of messages, which is an object's address. */
  @Test
  void transactionsEndAsDebeziumsDo() {
    try (DebeziumOracle oracle = new DebeziumOracle(18)) {
      oracle.run(SCHEMA);
      oracle.createSlots();
      oracle.run(CHANGES);
      List<Pair> pairs = oracle.transactionEnds();
      assertThat(pairs).hasSizeGreaterThan(20);
      for (Pair pair : pairs) {
        assertThat(pair.ours().fieldNames())
            .toIterable()
            .containsExactlyElementsOf(() -> pair.debezium().fieldNames());
        for (String field : List.of("status", "id", "event_count", "ts_ms")) {
          assertThat(pair.ours().path(field)).isEqualTo(pair.debezium().path(field));
        }
        assertThat(tables(pair.ours())).isEqualTo(tables(pair.debezium()));
      }
    }
  }

  private static Set<String> tables(JsonNode end) {
    Set<String> tables = new TreeSet<>();
    for (JsonNode table : end.path("data_collections")) {
      tables.add(table.toString().replaceFirst("io\\.debezium\\.[^\"]*", ""));
    }
    return tables;
  }

  /** Collects the paths of fields that differ, after checking that they differ as documented. */
  private static void collect(String path, Pair pair, Pair event, Set<String> differences) {
    collect(path, pair, event, differences, DebeziumDifference::of);
  }

  private static void collectReads(String path, Pair pair, Pair event, Set<String> differences) {
    collect(path, pair, event, differences, DebeziumDifference::ofRead);
  }

  /** Checks that a field differs as documented and returns the documented name of that. */
  private interface Check {
    String of(String path, Pair field, Pair event);
  }

  private static void collect(
      String path, Pair pair, Pair event, Set<String> differences, Check check) {
    JsonNode ours = pair.ours();
    JsonNode debezium = pair.debezium();
    if (ours.isObject() && debezium.isObject()) {
      Set<String> names = new TreeSet<>();
      ours.fieldNames().forEachRemaining(names::add);
      debezium.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        Pair field = new Pair(ours.path(name), debezium.path(name));
        collect(path + "/" + name, field, event, differences, check);
      }
    } else if (!ours.equals(debezium)) {
      differences.add(check.of(path, pair, event));
    }
  }

  private static final String[] USER_TYPES = {
    "CREATE EXTENSION citext",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION ltree",
    "CREATE EXTENSION isn",
    "CREATE TYPE mood AS ENUM ('sad', 'ha''p\"py')",
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    "CREATE DOMAIN label AS varchar(20)",
    "CREATE TYPE pair AS (a integer, b text)"
  };

  private static final String[] SCHEMA = {
    "CREATE EXTENSION hstore",
    "CREATE TABLE plain (id integer PRIMARY KEY, v text, n integer NOT NULL DEFAULT 5)",
    "CREATE TABLE toasted (id integer PRIMARY KEY, v integer, text text, json jsonb, bytes bytea,"
        + " texts text[], integers integer[], bigints bigint[], ids uuid[], pairs hstore)",
    "DO $$ DECLARE c text; BEGIN FOREACH c IN ARRAY "
        + "'{text,json,bytes,texts,integers,bigints,ids,pairs}'::text[] LOOP "
        + "EXECUTE format('ALTER TABLE toasted ALTER %I SET STORAGE EXTERNAL', c); "
        + "END LOOP; END $$",
    "CREATE TABLE full_row (id integer PRIMARY KEY, a text, v integer)",
    "ALTER TABLE full_row ALTER a SET STORAGE EXTERNAL",
    "ALTER TABLE full_row REPLICA IDENTITY FULL",
    "CREATE TABLE keyless (a integer, b text)",
    "ALTER TABLE keyless REPLICA IDENTITY FULL",
    "CREATE TABLE by_index (id integer PRIMARY KEY, email text NOT NULL UNIQUE, v integer)",
    "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_email_key",
    "CREATE TABLE composite (v text, b integer, a text, PRIMARY KEY (a, b))",
    "CREATE SCHEMA \"Odd schema\"",
    "CREATE TABLE \"Odd schema\".\"Odd.\"\"table\" (\"Id é\" integer PRIMARY KEY, \"select\" text)",
    "CREATE TABLE parent (id integer, part integer, v text, PRIMARY KEY (id, part))"
        + " PARTITION BY LIST (part)",
    "CREATE TABLE parent_1 PARTITION OF parent FOR VALUES IN (1)",
    "CREATE TABLE parent_2 PARTITION OF parent FOR VALUES IN (2)",
    "CREATE TABLE computed (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a integer,"
        + " twice integer GENERATED ALWAYS AS (a * 2) STORED)"
  };

  private static final String[] CHANGES = {
    "INSERT INTO plain VALUES (1, 'one'), (2, NULL), (3, 'three')",
    "UPDATE plain SET v = 'uno' WHERE id = 1",
    "UPDATE plain SET id = 10 WHERE id = 1",
    "DELETE FROM plain WHERE id = 2",
    "BEGIN; INSERT INTO plain VALUES (4, 'four'); UPDATE plain SET id = 40 WHERE id = 4;"
        + " INSERT INTO composite VALUES ('v', 1, 'a'); INSERT INTO plain VALUES (5, ''); COMMIT",
    "INSERT INTO toasted SELECT 1, 1, repeat('x', 9000), to_jsonb(repeat('x', 9000)),"
        + " decode(repeat('00ff', 9000), 'hex'), array_fill('x'::text, '{9000}'),"
        + " array_fill(1, '{9000}'), array_fill(1::bigint, '{9000}'),"
        + " array_fill('00112233-4455-6677-8899-aabbccddeeff'::uuid, '{9000}'),"
        + " hstore('a', repeat('x', 9000))",
    "UPDATE toasted SET v = 2",
    "UPDATE toasted SET id = 2",
    "DELETE FROM toasted",
    "INSERT INTO full_row SELECT 1, repeat('x', 9000), 1",
    "UPDATE full_row SET v = 2",
    "UPDATE full_row SET id = 2",
    "DELETE FROM full_row",
    "INSERT INTO keyless VALUES (1, 'x'), (2, NULL)",
    "UPDATE keyless SET b = 'y'",
    "DELETE FROM keyless",
    "INSERT INTO by_index VALUES (1, 'a@b', 1)",
    "UPDATE by_index SET v = 2",
    "DELETE FROM by_index",
    "UPDATE composite SET v = 'w'",
    "DELETE FROM composite",
    "INSERT INTO \"Odd schema\".\"Odd.\"\"table\" VALUES (1, 'x')",
    "DELETE FROM \"Odd schema\".\"Odd.\"\"table\"",
    "INSERT INTO parent VALUES (1, 1, 'x')",
    "UPDATE parent SET part = 2",
    "INSERT INTO computed (a) VALUES (21)",
    "TRUNCATE plain, toasted",
    "SELECT pg_logical_emit_message(true, 'prefix', 'content')",
    "SELECT pg_logical_emit_message(false, 'prefix', '\\x00ff'::bytea)"
  };
}

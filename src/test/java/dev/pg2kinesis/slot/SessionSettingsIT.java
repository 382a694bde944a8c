package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.Extensions;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No setting of the role or the database changes what a peek returns: every setting that a role may
 * have gets every other value in turn, and the plugins' bytes and the catalog stay the same.
 */
@SuppressWarnings("NullAway.Init") // each test starts a server and prepares a database
class SessionSettingsIT {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Values of settings that are texts, beside those that pg_settings lists. */
  private static final Map<String, List<String>> TEXTS =
      Map.ofEntries(
          Map.entry("search_path", List.of("public, pg_catalog", "odd, public", "\"Odd schema\"")),
          Map.entry("DateStyle", List.of("ISO, DMY", "SQL, DMY", "Postgres, MDY", "German")),
          Map.entry("TimeZone", List.of("Asia/Kathmandu", "America/St_Johns", "<-03>3", "UTC")),
          Map.entry("client_encoding", List.of("LATIN1", "SQL_ASCII", "EUC_JP", "WIN1252")),
          Map.entry("lc_monetary", List.of("ja_JP.utf8", "ar_KW.utf8", "de_DE.utf8", "hi_IN.utf8")),
          Map.entry("lc_numeric", List.of("de_DE.utf8", "hi_IN.utf8", "ar_KW.utf8")),
          Map.entry("lc_time", List.of("de_DE.utf8", "ja_JP.utf8")),
          Map.entry("lc_messages", List.of("de_DE.utf8", "ja_JP.utf8")),
          Map.entry("timezone_abbreviations", List.of("India", "Australia")),
          Map.entry("default_text_search_config", List.of("pg_catalog.german", "simple")),
          Map.entry("application_name", List.of("é")),
          Map.entry("unit.byte_output_iec", List.of("on")),
          Map.entry("unit.output_base_units", List.of("on")),
          Map.entry("unit.output_superscript", List.of("on")),
          Map.entry("unit.time_output_custom", List.of("off")));

  /** Those that end or block a session, or take a library or file that is not there. */
  private static final Set<String> NOT_TRIED =
      Set.of(
          "role",
          "session_authorization",
          "session_preload_libraries",
          "local_preload_libraries",
          "jit_provider",
          "post_auth_delay",
          "max_stack_depth",
          "temp_file_limit",
          "log_min_messages",
          "debug_discard_caches");

  private static final List<String> CONTRIB =
      List.of("hstore", "citext", "ltree", "cube", "seg", "isn", "intarray");

  private static final List<String> OTHER_SESSIONS =
      List.of(
          "SET extra_float_digits = 3; SET standard_conforming_strings = on",
          "SET extra_float_digits = 3; SET DateStyle = 'ISO, DMY'; SET IntervalStyle = 'sql_standard';"
              + " SET TimeZone = 'America/St_Johns'; SET bytea_output = 'escape'",
          "SET extra_float_digits = 3; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'iso_8601';"
              + " SET search_path = odd; SET quote_all_identifiers = on; SET xmlbinary = 'hex'",
          "SET extra_float_digits = 3; SET DateStyle = 'ISO, YMD'; SET TimeZone = '<-03>3';"
              + " SET IntervalStyle = 'postgres_verbose'; SET search_path = public, pg_catalog");

  private static final String[] SCHEMA = {
    "CREATE SCHEMA \"Odd schema\"",
    "CREATE SCHEMA odd",
    "CREATE TYPE odd.mood AS ENUM ('sad', 'ha''p\"py')",
    "CREATE TYPE public.mood AS ENUM ('other')",
    "CREATE DOMAIN odd.amount AS numeric(10, 2)",
    "CREATE TYPE odd.pair AS (at timestamptz, cost money, ratio float8, raw bytea)",
    "CREATE TABLE odd.pg_class (id int PRIMARY KEY)",
    "CREATE TABLE \"Odd schema\".\"select\" (\"Id é\" int PRIMARY KEY, \"from\" text)",
    "CREATE TABLE t (id int PRIMARY KEY, v text, f float8, r real, n numeric, m money, b bytea,"
        + " d date, tm time, tz timetz, ts timestamp, tstz timestamptz, i interval, x xml,"
        + " j json, jb jsonb, u uuid, ok boolean, inet inet, bits varbit, mood odd.mood,"
        + " amount odd.amount, pair odd.pair, pairs odd.pair[], range tstzrange, days daterange,"
        + " vector tsvector, query tsquery, class regclass, type regtype, proc regprocedure,"
        + " operator regoperator, config regconfig, role regrole, namespace regnamespace,"
        + " point point, circle circle, times timestamptz[], floats float8[], money money[])",
    "CREATE TABLE e (id int PRIMARY KEY, h hstore, c citext, l ltree, q lquery, cube cube,"
        + " seg seg, isbn isbn13, ean ean13)",
    "ALTER TABLE t REPLICA IDENTITY FULL"
  };

  private static final String[] CHANGES = {
    "INSERT INTO \"Odd schema\".\"select\" VALUES (1, 'é\"x')",
    "INSERT INTO t VALUES (1, 'é 😀', 0.1::float8 + 0.2, 1.1, 1e30, 1234567.891, '\\x00ff5c27',"
        + " '0044-03-15 BC', '12:30:00.5', '12:30:00.5+05:45', '2024-02-29 12:30:00.000001',"
        + " '2024-07-01 12:30:00.5+00', '-1 year 2 mons -3 days 04:05:06.789', '<a b=\"é\">x</a>',"
        + " '{\"a\" : 1.10}', '{\"b\": 1.10}', '00112233-4455-6677-8899-aabbccddeeff', true,"
        + " '10.0.0.1/8', B'101', 'ha''p\"py', 1.10, ROW(now(), '1235', 0.1, '\\xff'),"
        + " ARRAY[ROW('2024-07-01 12:30:00+00', '-1235', 1e300, '\\x5c')::odd.pair],"
        + " '[2024-07-01 12:30:00+00,)', '[2024-01-31,2024-02-01)', 'a:1 b:2A', 'a & !b',"
        + " 'odd.pg_class', 'odd.mood', 'pg_catalog.lower(text)', 'pg_catalog.+(integer,integer)',"
        + " 'pg_catalog.german', 'postgres', '\"Odd schema\"', '(0.1,1e300)', '<(0.1,1),2>',"
        + " '{2024-07-01 12:30:00+00}', '{0.1,NaN}', '{1235,-0.5}')",
    "INSERT INTO t (id, m) VALUES (2, '-0.05')",
    "INSERT INTO e VALUES (1, 'a=>1, b=>NULL', 'AbC', 'a.b', 'a.*{1}.b', '(0.1,1e300),(2,3)',"
        + " '1.50 .. 2', '978-0-393-04002-9', '978-0-393-04002-9')",
    "UPDATE t SET id = 3, f = 5e-324, tstz = '2024-01-01 00:00:00+00' WHERE id = 1",
    "DELETE FROM t WHERE id = 3",
    "TRUNCATE e, t"
  };

  private PostgresServer server;
  private String database;
  private Map<String, String> slots;

  /** What a slot gives: rows as text of their bytes, and the catalog for the decoder. */
  private record Read(List<String> rows, Catalog catalog) {}

  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(ints = {11, 15, 18})
  void noSettingChangesWhatAPeekReturns(int major) throws SQLException {
    boolean wal2json = major == Wal2Json.MAJOR && Wal2Json.isInstalled();
    try (PostgresServer started =
        PostgresServer.start(major, wal2json ? Wal2Json.settings() : Map.of())) {
      server = started;
      database = server.createDatabase();
      prepare(major, wal2json);
      Map<String, Read> expected = read();
      expected.forEach((slot, read) -> assertThat(read.rows()).as(slot).hasSizeGreaterThan(10));
      List<Map<String, String>> rounds = rounds();
      int values = rounds.stream().mapToInt(Map::size).sum();
      System.out.printf("settings: PostgreSQL %d, %d values%n", major, values);
      assertThat(values).isGreaterThan(200);
      for (String owner : List.of("ROLE reader", "DATABASE " + database)) {
        for (Map<String, String> round : rounds) {
          Map<String, String> settings = new LinkedHashMap<>(round);
          if (owner.startsWith("DATABASE")) {
            settings.remove("lc_monetary"); // says what the amounts are: see MoneyIT
          }
          check(owner, settings, expected);
        }
      }
    }
  }

  /** The text that the pinned session prints is the same value in sessions with other settings. */
  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(ints = {18})
  void whatIsPrintedIsTheValueInEverySession(int major) throws SQLException {
    try (PostgresServer started = PostgresServer.start(major, Map.of())) {
      server = started;
      database = server.createDatabase();
      prepare(major, false);
      server.execute(
          database,
          "SELECT pg_replication_slot_advance(slot_name, pg_current_wal_flush_lsn()) FROM pg_replication_slots");
      server.execute(database, CHANGES[1], CHANGES[3]);
      List<Change> changes = new ArrayList<>();
      try (Slot slot = PostgresSlot.open(login(), "of_test_decoding", List.of(), 2, PATIENCE)) {
        Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
        try (Slot.Peek peek = slot.peek(slot.position().flush(), 1_000_000, PATIENCE)) {
          for (RawRow row = peek.next(); row != null; row = peek.next()) {
            decoder.decode(row, changes::add);
          }
        }
      }
      assertThat(changes).hasSize(2);
      for (String session : OTHER_SESSIONS) {
        for (Change change : changes) {
          compare(
              session, Objects.requireNonNull(((Change.RowChange) change).after()), change.table());
        }
      }
    }
  }

  private void compare(String session, Row row, @Nullable TableName table) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(session);
      for (int i = 0; i < row.columns().size(); i++) {
        Column column = row.columns().get(i);
        if (!(row.values().get(i) instanceof Value.Text text)
            || column.type().name().matches("money.*|.*pair.*")) { // see MoneyIT
          continue;
        }
        String value = "'" + text.text().replace("'", "''") + "'::" + column.type().name();
        String sql =
            "SELECT format('%s', "
                + value
                + ") = format('%s', "
                + column.name()
                + ") FROM "
                + table;
        try (ResultSet rows = statement.executeQuery(sql)) {
          rows.next();
          assertThat(rows.getBoolean(1)).as("%s in %s", column, session).isTrue();
        }
      }
    }
  }

  private void prepare(int major, boolean wal2json) {
    List<String> debian = List.of("postgis", "unit");
    boolean all = major == Extensions.DEBIAN.major() && Extensions.DEBIAN.have(debian);
    for (String name : CONTRIB) {
      server.execute(database, "CREATE EXTENSION " + name);
    }
    server.execute(database, SCHEMA);
    slots = new LinkedHashMap<>();
    server.execute(
        database,
        "CREATE ROLE reader LOGIN REPLICATION",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('of_pgoutput', 'pgoutput')",
        "SELECT pg_create_logical_replication_slot('of_test_decoding', 'test_decoding')");
    slots.put("of_pgoutput", "p");
    slots.put("of_test_decoding", "");
    if (wal2json) {
      server.execute(
          database, "SELECT pg_create_logical_replication_slot('of_wal2json', 'wal2json')");
      slots.put("of_wal2json", "");
    }
    server.execute(database, CHANGES);
    if (all) {
      Extensions.DEBIAN.offer(server, debian);
      server.execute(
          database,
          "CREATE EXTENSION postgis",
          "CREATE EXTENSION unit",
          "CREATE TABLE g (id int PRIMARY KEY, g geometry, gs geometry[], o geography, u unit)",
          "INSERT INTO g VALUES (1, 'SRID=4326;POINT(0.1 1e300)', ARRAY['POINT(1 2)'::geometry],"
              + " 'POINT(1 2)', '90 min')",
          "INSERT INTO g VALUES (2, NULL, NULL, NULL, '4 TB'), (3, NULL, NULL, NULL, '9.81 m/s^2')");
    }
  }

  private Database login() {
    return new Database(
        server.host(), server.port(), database, "reader", null, "disable", null, null);
  }

  private Map<String, Read> read() {
    Map<String, Read> read = new LinkedHashMap<>();
    slots.forEach(
        (name, publication) -> {
          List<String> publications = publication.isEmpty() ? List.of() : List.of(publication);
          try (Slot slot = PostgresSlot.open(login(), name, publications, 2, PATIENCE)) {
            Catalog catalog = slot.catalog();
            List<String> rows = new ArrayList<>();
            try (Slot.Peek peek = slot.peek(slot.position().flush(), 1_000_000, PATIENCE)) {
              for (RawRow row = peek.next(); row != null; row = peek.next()) {
                rows.add(
                    row.lsn()
                        + " "
                        + row.xid()
                        + " "
                        + new String(row.bytes(), StandardCharsets.ISO_8859_1));
              }
            }
            read.put(name, new Read(rows, catalog));
          }
        });
    return read;
  }

  /** The n-th round has the n-th other value of each setting. */
  private List<Map<String, String>> rounds() throws SQLException {
    List<Map<String, String>> rounds = new ArrayList<>();
    Map<String, List<String>> all = new HashMap<>(TEXTS);
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, array_to_string(ARRAY(SELECT v FROM unnest(CASE vartype"
                    + " WHEN 'bool' THEN '{on,off}' WHEN 'enum' THEN enumvals"
                    + " WHEN 'integer' THEN ARRAY[min_val, max_val]"
                    + " WHEN 'real' THEN ARRAY[min_val, max_val] ELSE '{}' END) v"
                    + " WHERE v <> setting), ';')"
                    + " FROM pg_settings WHERE context IN ('user', 'superuser')")) {
      while (rows.next()) {
        if (!NOT_TRIED.contains(rows.getString(1)) && !rows.getString(2).isEmpty()) {
          all.putIfAbsent(rows.getString(1), List.of(rows.getString(2).split(";")));
        }
      }
    }
    all.forEach(
        (name, values) -> {
          for (int i = 0; i < values.size(); i++) {
            if (rounds.size() == i) {
              rounds.add(new LinkedHashMap<>());
            }
            rounds.get(i).put(name, values.get(i));
          }
        });
    return rounds;
  }

  /** Tries all at once; where that changes something, halves, to name the setting that does. */
  private void check(String owner, Map<String, String> settings, Map<String, Read> expected)
      throws SQLException {
    set(owner, settings);
    Map<String, Read> found = Map.of();
    SlotException failure = null;
    try {
      found = read();
    } catch (SlotException e) {
      failure = e;
    } finally {
      server.execute("postgres", "ALTER " + owner + " RESET ALL");
    }
    if (expected.equals(found)) {
      return;
    }
    if (settings.size() > 1) {
      List<Map.Entry<String, String>> entries = List.copyOf(settings.entrySet());
      int half = entries.size() / 2;
      check(owner, map(entries.subList(0, half)), expected);
      check(owner, map(entries.subList(half, entries.size())), expected);
    }
    if (failure != null) {
      throw new AssertionError(settings + " of " + owner, failure);
    }
    for (String slot : expected.keySet()) {
      Read read = found.get(slot);
      assertThat(Objects.requireNonNull(read).catalog())
          .as("%s of %s, %s", settings, owner, slot)
          .isEqualTo(expected.get(slot).catalog());
      assertThat(read.rows())
          .as("%s of %s, %s", settings, owner, slot)
          .isEqualTo(expected.get(slot).rows());
    }
  }

  private static Map<String, String> map(List<Map.Entry<String, String>> entries) {
    Map<String, String> map = new LinkedHashMap<>();
    entries.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
    return map;
  }

  /** Values that this server does not take, such as a locale that is not there, are left out. */
  private void set(String owner, Map<String, String> settings) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        boolean list = setting.getKey().equals("search_path");
        try {
          statement.execute(
              "ALTER "
                  + owner
                  + " SET "
                  + setting.getKey()
                  + " = "
                  + (list ? setting.getValue() : "'" + setting.getValue() + "'"));
        } catch (SQLException e) {
          System.out.printf("settings: %s is not taken: %s%n", setting, e.getMessage());
        }
      }
    }
  }
}

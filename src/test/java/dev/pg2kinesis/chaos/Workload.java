package dev.pg2kinesis.chaos;

import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.chaos.Plan.Step;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What the writers do, made in advance. Statements that the server refuses when they meet (locks,
 * columns that are gone, keys that exist) are part of it.
 */
final class Workload {

  private static final String ODD_NAME = "we\"ird\\ t\n😀";
  private static final String ODD_KEY_NAME = "i\"d \\\t";

  /** The tables of the schema public that a consumer rebuilds, and their keys. */
  static final Map<String, List<String>> KEYS =
      Map.ofEntries(
          Map.entry("t0", List.of("id")),
          Map.entry("t1", List.of("id")),
          Map.entry("big", List.of("id")),
          Map.entry("wide", List.of("id")),
          Map.entry("pair", List.of("b", "a")),
          Map.entry("indexed", List.of("k")),
          Map.entry("moods", List.of("id")),
          Map.entry("part0", List.of("id")),
          Map.entry("part1", List.of("id")),
          Map.entry("late", List.of("id")),
          Map.entry(ODD_NAME, List.of(ODD_KEY_NAME)));

  private static final int IDS = 12;

  /** A table whose names hold whatever names can. */
  private static final String ODD = SqlNames.quoted(ODD_NAME);

  private static final String ODD_KEY = SqlNames.quoted(ODD_KEY_NAME);
  private static final String ODD_VALUE = SqlNames.quoted("v'|,\r\n\\N\u00A0");

  private static final String ODD_TEXT = SqlNames.text(ODD_NAME);

  private static final List<String> ODD_KEYS =
      List.of("", "\\N", "null", "a|b", "'", "\"", "\n", "\u0001\t", "\\", "😀", "a,\"b", "{1}");

  private static final List<String> TEXTS =
      List.of(
          "v",
          "ü",
          "a\"b",
          "x\\y",
          "né",
          "null",
          "{1}",
          "",
          "\\N",
          "'",
          "''\"\"",
          "\\",
          "\n",
          "a\r\nb\tc",
          "\u0001\u001b[2J\u001f\u007f\u0085",
          "\u2028\u2029\u202e\ufeff\uffff",
          "😀\uD83D\uDC68\u200D\uD83D\uDC69",
          "0,CDC,",
          "unchanged-toast-datum",
          "'; DROP TABLE t0; --",
          "<a href=\"&amp;\">${x}%s{{}}</a>");

  private final Random random;

  /** wal2json takes a later column whose values can be large for one that was not touched. */
  private final String text;

  /**
   * Text plugins print no NULLs of old rows, and after another replica identity nobody can tell
   * them from columns that were not there: a table without NULLs.
   */
  private final String fullTable;

  private final boolean truncates;
  private final boolean keyChanges;
  private int names;

  Workload(Random random, Setup setup) {
    this.random = random;
    this.fullTable = setup.plugin().equals("pgoutput") ? "t0" : "big";
    this.text = setup.plugin().equals("wal2json") ? "int" : "text";
    boolean oneOrder =
        setup.partitionKey() == PartitionKey.CONSTANT || setup.partitionKey() == PartitionKey.TABLE;
    boolean unordered = setup.partitionKey() == PartitionKey.TRANSACTION;
    // Without positions, only the order of a table tells how these stand to the changes of a row.
    this.keyChanges = setup.format() != Format.FULL_CHANGE || oneOrder || unordered;
    this.truncates = keyChanges && setup.format() != Format.FLAT && setup.format() != Format.DMS;
  }

  /** The statements that make the tables. */
  static List<String> tables() {
    return List.of(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
        "CREATE TABLE t0 (id int PRIMARY KEY, v text, n numeric, f boolean)",
        "CREATE TABLE t1 (id bigint PRIMARY KEY, v text, n numeric, f boolean)",
        "CREATE TABLE big (id int PRIMARY KEY, v int, note text)",
        "ALTER TABLE big ALTER note SET STORAGE EXTERNAL",
        "CREATE TABLE wide (id int PRIMARY KEY, v int, note text)",
        "ALTER TABLE wide ALTER note SET STORAGE EXTERNAL",
        "ALTER TABLE wide REPLICA IDENTITY FULL",
        "CREATE TABLE pair (a text, b int, v int, PRIMARY KEY (b, a))",
        "CREATE TABLE indexed (id int, k int NOT NULL, v text)",
        "CREATE UNIQUE INDEX indexed_k ON indexed (k)",
        "ALTER TABLE indexed REPLICA IDENTITY USING INDEX indexed_k",
        "CREATE TABLE moods (id int PRIMARY KEY, m mood)",
        "CREATE TABLE part (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE part0 PARTITION OF part FOR VALUES FROM (0) TO (6)",
        "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (6) TO (100000)",
        "CREATE TABLE keyless (v text)",
        "CREATE TABLE aside (id int PRIMARY KEY, v text)",
        "CREATE TABLE " + ODD + " (" + ODD_KEY + " text PRIMARY KEY, " + ODD_VALUE + " text)",
        "CREATE PUBLICATION q FOR TABLE t0");
  }

  List<Step> steps(int count) {
    List<Step> steps = new ArrayList<>();
    boolean bulk = random.nextInt(4) == 0;
    for (int i = 0; i < count; i++) {
      int writer = random.nextInt(Planner.WRITERS);
      steps.add(new Step(writer, i == count / 2 && bulk ? bulk() : step(writer)));
    }
    return steps;
  }

  private List<String> step(int writer) {
    return switch (random.nextInt(30)) {
      case 0 -> List.of("CHECKPOINT");
      case 1 -> abortedBulk();
      case 2, 3, 4 -> ddl(writer);
      case 5 -> List.of(message());
      case 6, 7, 8, 9, 10, 11, 12, 13 -> List.of(change());
      case 14 -> truncates ? List.of("TRUNCATE " + any("t0", "t1", "big", "pair", "part")) : hot();
      case 15 -> List.of("SET synchronous_commit = " + any("on", "off", "off"));
      case 16 -> prepared(writer);
      case 17 -> List.of(any("COMMIT", "COMMIT", "ROLLBACK") + " PREPARED 'w" + writer + "'");
      case 18 -> random.nextInt(3) == 0 ? List.of("VACUUM FULL " + any("t0", "big")) : hot();
      case 19 -> again();
      default -> transaction();
    };
  }

  private String any(String... values) {
    return values[random.nextInt(values.length)];
  }

  private String any(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  private String text() {
    String text = any(TEXTS);
    return SqlNames.text(random.nextInt(3) == 0 ? text : text + random.nextInt(100_000));
  }

  private String large() {
    return "repeat(md5('" + random.nextInt() + "'), " + (80 + random.nextInt(80)) + ")";
  }

  private String change() {
    int id = random.nextInt(random.nextBoolean() ? 3 : IDS);
    String where = " WHERE id = " + id;
    return switch (random.nextInt(16)) {
      case 0 -> "DELETE FROM " + any("t0", "t1", "big", "wide", "moods", "part") + where;
      case 1 ->
          "DELETE FROM " + (random.nextBoolean() ? "pair WHERE b = " : "indexed WHERE k = ") + id;
      case 2 -> keyChanges ? keyChange(id) : plain(id);
      case 3 ->
          "INSERT INTO big VALUES ("
              + id
              + ", 1, "
              + large()
              + ") ON CONFLICT (id) DO UPDATE SET"
              + any(" note = excluded.note", " v = big.v + 1");
      case 4 ->
          "INSERT INTO wide VALUES ("
              + id
              + ", 1, "
              + large()
              + ") ON CONFLICT (id) DO UPDATE SET"
              + any(" note = excluded.note", " v = wide.v + 1");
      case 5 -> "UPDATE " + any("big", "wide") + " SET v = v + 1" + where;
      case 6 ->
          "INSERT INTO pair VALUES ("
              + any("'x|y'", "'x'", "'ÿ'", "''", "'\\N'", "'a\nb'")
              + ", "
              + id
              + ", 1) ON CONFLICT (b, a) DO UPDATE SET v = pair.v + 1";
      case 7 ->
          "INSERT INTO indexed VALUES ("
              + random.nextInt(99)
              + ", "
              + id
              + ", "
              + text()
              + ") ON CONFLICT (k) DO UPDATE SET v = excluded.v";
      case 8 ->
          "INSERT INTO moods VALUES ("
              + id
              + ", "
              + any("'sad'", "'ok'", "'happy'", "NULL")
              + ") ON CONFLICT (id) DO UPDATE SET m = excluded.m";
      case 9 ->
          "INSERT INTO part VALUES ("
              + id
              + ", "
              + text()
              + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v";
      case 10 -> "INSERT INTO keyless VALUES (" + text() + ")";
      case 11, 12 ->
          "INSERT INTO "
              + ODD
              + " VALUES ("
              + SqlNames.text(any(ODD_KEYS))
              + ", "
              + text()
              + ") ON CONFLICT ("
              + ODD_KEY
              + ") DO UPDATE SET "
              + ODD_VALUE
              + " = excluded."
              + ODD_VALUE;
      case 13 -> "DELETE FROM " + ODD + " WHERE " + ODD_KEY + " = " + SqlNames.text(any(ODD_KEYS));
      default -> plain(id);
    };
  }

  private String plain(int id) {
    String table = any("t0", "t1");
    return "INSERT INTO "
        + table
        + " (id, v, n, f) VALUES ("
        + id
        + ", "
        + any(text(), "NULL")
        + ", "
        + any("1.10", "12345678901234567890.5", "NULL", "-7")
        + ", "
        + any("true", "false", "NULL")
        + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v, n = excluded.n, f = excluded.f";
  }

  private String keyChange(int id) {
    return switch (random.nextInt(5)) {
      case 4 ->
          "UPDATE "
              + ODD
              + " SET "
              + ODD_KEY
              + " = "
              + ODD_KEY
              + " || 'k' WHERE "
              + ODD_KEY
              + " = "
              + SqlNames.text(any(ODD_KEYS));
      case 0 -> "UPDATE pair SET a = " + any("'x'", "'z'", "'x\\y'") + " WHERE b = " + id;
      case 1 -> "UPDATE indexed SET k = k + 1 WHERE k = " + id;
      default ->
          "UPDATE "
              + any("t0", "t1", "big", "wide", "part")
              + " SET id = id + "
              + (1 + random.nextInt(8))
              + " WHERE id = "
              + id;
    };
  }

  private List<String> hot() {
    List<String> statements = new ArrayList<>();
    for (int i = 2 + random.nextInt(8); i > 0; i--) {
      statements.add("UPDATE t0 SET n = coalesce(n, 0) + 1 WHERE id = 1");
    }
    return statements;
  }

  /** A key that goes and comes back in one transaction. */
  private List<String> again() {
    String table = any("t0", "t1");
    int id = random.nextInt(IDS);
    return List.of(
        "BEGIN",
        "DELETE FROM " + table + " WHERE id = " + id,
        "INSERT INTO " + table + " (id, v) VALUES (" + id + ", " + text() + ")",
        "DELETE FROM " + table + " WHERE id = " + id,
        "INSERT INTO " + table + " (id, v) VALUES (" + id + ", " + text() + ")",
        "COMMIT");
  }

  private String message() {
    return "SELECT pg_logical_emit_message("
        + random.nextBoolean()
        + ", "
        + any("'p'", ODD_TEXT)
        + ", "
        + text()
        + ")";
  }

  private List<String> abortedBulk() {
    return List.of(
        "BEGIN",
        "INSERT INTO t0 (id, v) SELECT 5000 + i, repeat('x', 100) FROM generate_series(1, "
            + random.nextInt(1_000)
            + ") i ON CONFLICT DO NOTHING",
        "ROLLBACK");
  }

  /** More than a window keeps in memory. */
  static List<String> bulk() {
    return List.of(
        "INSERT INTO big SELECT 1000 + i, 0, repeat(md5(i::text), 250) FROM generate_series(1, 320)"
            + " i ON CONFLICT (id) DO UPDATE SET v = big.v + 1");
  }

  /** More than a process with a small heap has memory for. */
  static List<String> larger() {
    return List.of(
        "INSERT INTO big SELECT 2000 + i, 0, repeat(md5(i::text), 2500) FROM generate_series(1, 400)"
            + " i ON CONFLICT (id) DO UPDATE SET v = big.v + 1, note = excluded.note || 'x'");
  }

  private List<String> ddl(int writer) {
    String table = any("t0", "t1");
    String column = "c" + writer + "_" + names++;
    String touch = "UPDATE " + table + " SET v = v";
    return switch (random.nextInt(13)) {
      case 10 ->
          List.of(
              "BEGIN",
              "ALTER TABLE "
                  + ODD
                  + " ADD "
                  + SqlNames.quoted(column + "\n\"\\")
                  + " int DEFAULT 7",
              "UPDATE " + ODD + " SET " + ODD_VALUE + " = " + text(),
              "COMMIT");
      case 11 ->
          List.of(
              "CREATE TABLE IF NOT EXISTS late (id int PRIMARY KEY, v text)",
              "INSERT INTO late VALUES ("
                  + random.nextInt(IDS)
                  + ", "
                  + text()
                  + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v");
      case 0 ->
          List.of(
              "BEGIN",
              change(),
              "ALTER TABLE " + table + " ADD " + column + " int",
              "UPDATE " + table + " SET " + column + " = id",
              change(),
              any("COMMIT", "ROLLBACK"));
      case 1 ->
          List.of(
              "BEGIN",
              "ALTER TABLE " + table + " ADD " + column + " " + text + " DEFAULT 7",
              touch,
              "COMMIT");
      case 2 ->
          List.of(
              "BEGIN",
              "ALTER TABLE " + table + " ADD " + column + " int",
              "ALTER TABLE " + table + " DROP " + column,
              change(),
              "COMMIT");
      case 3 ->
          List.of(
              "BEGIN",
              "ALTER TABLE " + table + " ADD " + column + " " + text,
              touch,
              "ALTER TABLE " + table + " RENAME " + column + " TO " + column + "r",
              touch,
              "COMMIT");
      case 4 ->
          List.of(
              "BEGIN",
              "ALTER TABLE " + table + " ALTER n TYPE " + any("text", "numeric USING n::numeric"),
              touch,
              "COMMIT");
      case 5 ->
          List.of(
              "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'm" + random.nextInt(4) + "'",
              "UPDATE moods SET m = 'm" + random.nextInt(4) + "' WHERE id < 3");
      case 6 ->
          List.of(
              "ALTER TABLE "
                  + any(fullTable, "big", "wide")
                  + " REPLICA IDENTITY "
                  + any("DEFAULT", "FULL"),
              change());
      case 7 ->
          List.of(
              "ALTER TABLE part DETACH PARTITION part0",
              "INSERT INTO part0 VALUES (3, "
                  + text()
                  + ") ON CONFLICT (id) DO UPDATE SET v ="
                  + " excluded.v");
      case 8 -> List.of("ALTER TABLE part ATTACH PARTITION part0 FOR VALUES FROM (0) TO (6)");
      case 9 ->
          List.of(
              "ALTER PUBLICATION q "
                  + any(
                      "ADD TABLE aside",
                      "DROP TABLE aside",
                      "SET TABLE t0, aside",
                      "SET (publish = 'insert')"),
              "INSERT INTO aside VALUES ("
                  + random.nextInt(IDS)
                  + ", 'x') ON CONFLICT (id) DO UPDATE SET v = aside.v || 'y'");
      default ->
          List.of(
              "CREATE TABLE " + column + " (id int PRIMARY KEY)",
              "INSERT INTO " + column + " VALUES (1)",
              "DROP TABLE " + column);
    };
  }

  private List<String> transaction() {
    List<String> statements = new ArrayList<>(List.of("BEGIN"));
    int depth = 0;
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> statements.add("SAVEPOINT s" + depth++);
        case 1 -> {
          if (depth > 0) {
            depth = random.nextInt(depth);
            statements.add(any("ROLLBACK TO s", "RELEASE s") + depth);
          }
        }
        case 2 -> statements.add("SELECT pg_sleep(" + random.nextInt(10) / 1_000.0 + ")");
        case 3 -> statements.add(message());
        default -> statements.add(change());
      }
    }
    statements.add(random.nextInt(5) == 0 ? "ROLLBACK" : "COMMIT");
    return statements;
  }

  private List<String> prepared(int writer) {
    return List.of("BEGIN", change(), change(), "PREPARE TRANSACTION 'w" + writer + "'");
  }
}

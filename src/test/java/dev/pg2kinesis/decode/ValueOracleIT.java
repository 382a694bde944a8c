package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * PostgreSQL as the oracle: random tables, types and values, of which every decoded value must be
 * the text that the type's output function gives on the server, and every type what {@code
 * format_type} prints.
 */
class ValueOracleIT {

  private static final int TABLES = 24;
  private static final int ROWS = 150;
  private static final int MOVED = 1_000_000;
  private static final Set<String> NUMBERS = Set.of("numeric", "real", "double precision");
  private static final Set<String> SPECIAL = Set.of("NaN", "Infinity", "-Infinity");

  /** A table's columns, and its rows by id: column by column the text, or null for SQL NULL. */
  private record Truth(List<Column> columns, Map<String, List<@Nullable String>> rows) {}

  private final Map<String, Truth> truths = new HashMap<>();
  private int tables = TABLES;
  private CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
  private int unchanged;

  @ParameterizedTest
  @CsvSource({"15, 1", "15, 0", "18, 2", "18, 0"})
  void decodedIsWhatTheServerSays(int major, long fixedSeed) throws SQLException {
    PostgresServer server = PostgresServer.shared(major);
    compare(server, server.createDatabase(), fixedSeed);
  }

  /** The charset is Java's name of the encoding. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "15, ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C', ISO-8859-1",
        "15, ENCODING KOI8R LC_COLLATE 'C' LC_CTYPE 'C', KOI8-R",
        "15, ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C', US-ASCII",
        "18, ENCODING WIN1252 LC_COLLATE 'C' LC_CTYPE 'C', windows-1252",
        "18, ENCODING EUC_JP LC_COLLATE 'C' LC_CTYPE 'C', EUC-JP",
        "18, ENCODING UTF8 LC_COLLATE 'de_DE.utf8' LC_CTYPE 'de_DE.utf8', UTF-8",
        "18, ENCODING UTF8 LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'ja', UTF-8"
      })
  void decodedIsWhatADatabaseOfAnyEncodingAndLocaleSays(int major, String options, String charset)
      throws SQLException {
    PostgresServer server = PostgresServer.shared(major);
    assumeTrue(
        !options.contains("de_DE") || Files.exists(Path.of("/usr/share/i18n/locales/de_DE")),
        "no locale de_DE");
    tables = 4;
    encoder = Charset.forName(charset).newEncoder();
    compare(server, server.createDatabase("TEMPLATE template0 " + options), 0);
  }

  private void compare(PostgresServer server, String database, long fixedSeed) throws SQLException {
    int major = server.major();
    server.execute(database, "CREATE PUBLICATION p FOR ALL TABLES");
    try (DecodedSlot binary = new DecodedSlot(server, Plugin.PGOUTPUT, database);
        DecodedSlot text = new DecodedSlot(server, Plugin.TEST_DECODING, database)) {
      binary.create("p");
      text.create();
      prepare(binary, fixedSeed);
      List<Transaction> ofBinary = binary.transactions();
      List<Transaction> ofText = text.transactions();
      check(Plugin.PGOUTPUT, ofBinary);
      check(Plugin.TEST_DECODING, ofText);
      assertThat(debezium(Plugin.TEST_DECODING, ofText))
          .as("records of both plugins")
          .isEqualTo(debezium(Plugin.PGOUTPUT, ofBinary));

      binary.run(RandomValues.migrations(major).toArray(String[]::new));
      // Only a domain's name is not known to pgoutput, and debezium prints none.
      assertThat(debezium(Plugin.PGOUTPUT, binary.transactions()))
          .isEqualTo(debezium(Plugin.PGOUTPUT, ofBinary));
      assertSame(Plugin.TEST_DECODING, text.transactions(), ofText);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 0})
  void wal2jsonIsWhatTheServerSays(long fixedSeed) throws SQLException {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings());
        DecodedSlot json = new DecodedSlot(server, Plugin.WAL2JSON, server.createDatabase())) {
      json.create();
      prepare(json, fixedSeed);
      List<Transaction> of2 = json.transactions();
      List<Transaction> of1 = json.transactionsOfVersion1();
      check(Plugin.WAL2JSON, of2);
      check(Plugin.WAL2JSON_V1, of1);

      json.run(RandomValues.migrations(Wal2Json.MAJOR).toArray(String[]::new));
      assertSame(Plugin.WAL2JSON, json.transactions(), of2);
      assertSame(Plugin.WAL2JSON_V1, json.transactionsOfVersion1(), of1);
    }
  }

  /** In every format, one record after the other: the first that differs says what differs. */
  private static void assertSame(
      Plugin plugin, List<Transaction> actual, List<Transaction> expected) {
    for (Format format : Format.values()) {
      List<String> records = known(plugin, Published.records(plugin, format, actual));
      List<String> before = known(plugin, Published.records(plugin, format, expected));
      for (int i = 0; i < Math.min(records.size(), before.size()); i++) {
        assertThat(records.get(i)).as("%s of %s", format, plugin).isEqualTo(before.get(i));
      }
      assertThat(records).hasSameSizeAs(before);
    }
  }

  /** wal2json does not print unchanged TOAST, so its type has the name of today. */
  private static List<String> known(Plugin plugin, List<String> records) {
    return plugin.isWal2Json() ? records.stream().map(ValueOracleIT::known).toList() : records;
  }

  private static String known(String record) {
    return record.replaceAll(
        "\"q\":\"false\",\"t\":\"(?:[^\"\\\\]|\\\\.)*\",\"v\":\"unchanged-toast-datum\"",
        "unchanged");
  }

  private static List<String> debezium(Plugin plugin, List<Transaction> transactions) {
    return Published.records(plugin, Format.DEBEZIUM, transactions);
  }

  private void check(Plugin plugin, List<Transaction> transactions) {
    int values = 0;
    unchanged = 0;
    for (Transaction transaction : transactions) {
      for (Change change : transaction.changes()) {
        values += compared(plugin, (Change.RowChange) change);
      }
    }
    System.out.printf("value oracle: %s, %d values, %d unchanged%n", plugin, values, unchanged);
    assertThat(values).isGreaterThan(tables * ROWS * 3 * 3);
    assertThat(unchanged).isLessThan(values / 50);
  }

  private void prepare(DecodedSlot db, long fixedSeed) throws SQLException {
    long seed = fixedSeed == 0 ? ThreadLocalRandom.current().nextLong() : fixedSeed;
    System.out.printf("value oracle: PostgreSQL %d, seed %d%n", db.server().major(), seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    db.run(RandomValues.userTypes(db.server().major()).toArray(String[]::new));
    Map<String, RandomValues.Literals> types = RandomValues.types(db.server().major());
    List<String> names = new ArrayList<>(types.keySet());
    for (int i = 0; i < tables; i++) {
      List<String> columns = new ArrayList<>();
      for (int c = 2 + random.nextInt(9); c > 0; c--) {
        columns.add(names.get(random.nextInt(names.size())));
      }
      create(db, "public.t" + i, columns, random.nextBoolean());
      List<RandomValues.Literals> literals =
          columns.stream().map(types::get).map(Objects::requireNonNull).toList();
      fill(db, "public.t" + i, literals, random);
    }
  }

  private static void create(DecodedSlot db, String table, List<String> types, boolean full)
      throws SQLException {
    StringBuilder sql = new StringBuilder("CREATE TABLE " + table + " (id bigint PRIMARY KEY");
    for (int i = 0; i < types.size(); i++) {
      sql.append(", \"C, ").append(i).append("\" ").append(types.get(i));
    }
    db.run(sql.append(')').toString());
    if (full) {
      db.run("ALTER TABLE " + table + " REPLICA IDENTITY FULL");
    }
  }

  private void fill(
      DecodedSlot db, String table, List<RandomValues.Literals> columns, RandomGenerator random)
      throws SQLException {
    StringBuilder sql = new StringBuilder("INSERT INTO " + table + " VALUES ");
    for (int row = 1; row <= ROWS; row++) {
      sql.append(row == 1 ? "(" : "), (").append(row);
      for (RandomValues.Literals column : columns) {
        sql.append(", ")
            .append(random.nextInt(10) == 0 ? "NULL" : literal(encodable(column.next(random))));
      }
    }
    db.run(sql.append(')').toString());
    truths.put(table, truth(db, table));
    db.run("UPDATE " + table + " SET id = id + " + MOVED, "DELETE FROM " + table);
  }

  /** The value with characters that the database's encoding has. */
  private String encodable(String value) {
    if (encoder.charset().equals(StandardCharsets.UTF_8)) {
      return value;
    }
    StringBuilder text = new StringBuilder();
    value
        .replaceAll("\\\\u[0-9A-Fa-f]{4}", "u")
        .codePoints()
        .mapToObj(Character::toString)
        .forEach(c -> text.append(encoder.canEncode(c) ? c : "?"));
    return text.toString();
  }

  private static String literal(String value) {
    return '\'' + value.replace("'", "''") + '\'';
  }

  /** What the server says of a table: {@code %s} of format() is the type's output function. */
  private static Truth truth(DecodedSlot db, String table) throws SQLException {
    List<Column> columns = db.columns(table);
    StringBuilder sql = new StringBuilder("SELECT id::text");
    for (Column column : columns) {
      String name = '"' + column.name() + '"';
      sql.append(", CASE WHEN num_nulls(%s) = 0 THEN format('%%s', %s) END".formatted(name, name));
    }
    Map<String, List<@Nullable String>> rows = new HashMap<>();
    try (Statement statement = db.connection().createStatement();
        ResultSet result = statement.executeQuery(sql + " FROM " + table)) {
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
          row.add(result.getString(i + 2));
        }
        rows.put(result.getString(1), row);
      }
    }
    return new Truth(columns, rows);
  }

  /** Compares a change with the truth and returns the number of values compared. */
  private int compared(Plugin plugin, Change.RowChange change) {
    Truth truth = Objects.requireNonNull(truths.get(change.table().toString()));
    int values = 0;
    if (change.after() != null) {
      assertThat(change.after().columns()).isEqualTo(truth.columns());
      values += compared(plugin, change, change.after(), truth);
    }
    if (change.before() != null) {
      assertThat(truth.columns()).containsAll(change.before().columns());
      values += compared(plugin, change, change.before(), truth);
    }
    return values;
  }

  private int compared(Plugin plugin, Change.RowChange change, Row row, Truth truth) {
    long id = Long.parseLong(text(Objects.requireNonNull(row.value("id"))));
    boolean moved = id > MOVED;
    List<@Nullable String> expected =
        Objects.requireNonNull(truth.rows().get(String.valueOf(moved ? id - MOVED : id)));
    for (int i = 0; i < row.columns().size(); i++) {
      Column column = row.columns().get(i);
      @Nullable String text = expected.get(truth.columns().indexOf(column));
      Value value = row.values().get(i);
      if (value == Value.UNCHANGED && mayBeToasted(change, text)) {
        unchanged++;
      } else if (!column.name().equals("id") && !value.equals(told(plugin, column, text))) {
        assertThat(value instanceof Value.Text found ? found.text() : value.toString())
            .as("%s of %s in %s", column, change.table(), change.operation())
            .isEqualTo(text);
      }
    }
    return row.columns().size();
  }

  /** An update of the id leaves out what a row of more than 2 KB keeps in its TOAST table. */
  private static boolean mayBeToasted(Change.RowChange change, @Nullable String text) {
    return change.operation() == Operation.UPDATE
        && text != null
        && text.getBytes(StandardCharsets.UTF_8).length > 100;
  }

  /**
   * What the plugin can tell of a value: wal2json prints null for numbers that JSON cannot write.
   */
  private static Value told(Plugin plugin, Column column, @Nullable String text) {
    boolean lost =
        (plugin == Plugin.WAL2JSON || plugin == Plugin.WAL2JSON_V1)
            && NUMBERS.contains(column.type().name())
            && SPECIAL.contains(String.valueOf(text));
    return text == null || lost ? Value.NULL : Value.of(text);
  }

  private static String text(Value value) {
    return ((Value.Text) value).text();
  }
}

package dev.pg2kinesis.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Amounts of money in databases of many locales, against what {@code v::numeric} is there. The
 * server keeps a count of the smallest unit; how many decimals that is belongs to lc_monetary. With
 * two decimals amounts have the text of the C locale, {@code $1,234.56}.
 */
class MoneyIT {

  private static final String[] SCHEMA = {
    "CREATE DOMAIN price AS money",
    "CREATE TYPE pair AS (a money, b text, c money[])",
    "CREATE TYPE nest AS (p pair, q text, r pair[])",
    "CREATE TYPE moneyrange AS RANGE (subtype = money, multirange_type_name = moneymultirange)",
    "CREATE TABLE m (v money PRIMARY KEY, n money)",
    "CREATE TABLE k (a text, b money, PRIMARY KEY (b, a))",
    "CREATE TABLE x (id int PRIMARY KEY, v money, d price, a money[], da price[], c pair,"
        + " ca pair[], n nest, r moneyrange, mr moneymultirange, ra moneyrange[], t text)",
    "ALTER TABLE x REPLICA IDENTITY FULL",
    "CREATE TABLE old (id int PRIMARY KEY, m m, ms m[])"
  };

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server =
        Wal2Json.isInstalled()
            ? PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())
            : PostgresServer.start(Wal2Json.MAJOR, Map.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C",
        "ja_JP.utf8",
        "ar_KW.utf8",
        "de_DE.utf8",
        "hi_IN.utf8",
        "en_US.utf8",
        "de_CH.utf8"
      })
  void amountsAreWhatTheirNumericIsInTheDatabase(String locale) throws SQLException {
    String database = database(locale);
    Map<Plugin, DecodedSlot> slots = slots(database);
    server.execute(
        database,
        "INSERT INTO m VALUES ('1235', '-1234'), ('0', NULL), ('1234567', '-0.5')",
        "UPDATE m SET v = '99', n = '1' WHERE v = '1235'",
        "DELETE FROM m WHERE v = '1234567'");
    List<String> expected = new ArrayList<>();
    expected.add(numbers(database, "1235", "-1234"));
    expected.add(numbers(database, "0", null));
    expected.add(numbers(database, "1234567", "-0.5"));
    expected.add(numbers(database, "1235", null) + " -> " + numbers(database, "99", "1"));
    expected.add(numbers(database, "1234567", null) + " ->");
    for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
      assertThat(slot.getValue().transactions())
          .as("%s in %s", slot.getKey(), locale)
          .flatExtracting(Transaction::changes)
          .extracting(change -> numbers(change).replaceAll("[$,]", ""))
          .containsExactlyElementsOf(expected);
      slot.getValue().close();
    }
  }

  /** In composites, arrays, ranges and domains, and in each format's records and their keys. */
  @ParameterizedTest
  @ValueSource(strings = {"ja_JP.utf8", "ar_KW.utf8"})
  void amountsInsideOtherTypesAreTheirNumericsToo(String locale) throws SQLException {
    String database = database(locale);
    Map<Plugin, DecodedSlot> slots = slots(database);
    server.execute(
        database,
        "INSERT INTO x VALUES (1, '1235', '1235', '{1235,NULL,-7}', '{1235}',"
            + " ROW('1235', 'a,\"b\\ (c) 1', '{1235}'), ARRAY[ROW('1235', '', NULL)::pair, NULL],"
            + " ROW(ROW('1235', NULL, '{}'), '$1.00', ARRAY[ROW('1', 'x y', '{{1},{2}}')::pair]),"
            + " '[1,1235)', '{[1,2),[3,)}', ARRAY['empty'::moneyrange, '(,1235]'], '$12.35')",
        "INSERT INTO x VALUES (2, '1', NULL, '[0:1]={1,2}', '{{1,2},{3,4}}',"
            + " ROW(NULL, NULL, NULL), NULL, NULL, '(,)', '{}', NULL, NULL)",
        "DELETE FROM x WHERE id = 1",
        "INSERT INTO old VALUES (1, ROW('1235', '1')::m, ARRAY[ROW('1235', NULL)::m])");
    // What the server prints where each type has numeric in money's place.
    server.execute(
        database,
        "CREATE SCHEMA n",
        "CREATE TYPE n.pair AS (a numeric, b text, c numeric[])",
        "CREATE TYPE n.nest AS (p n.pair, q text, r n.pair[])");
    String unit = server.query(database, "SELECT 1::money::numeric");
    String zeros = unit.substring(1);
    List<String> first =
        List.of(
            "1",
            "1235" + zeros,
            "1235" + zeros,
            "{1235" + zeros + ",NULL,-7" + zeros + "}",
            "{1235" + zeros + "}",
            server.query(
                database,
                "SELECT ROW("
                    + 1235
                    + zeros
                    + ", 'a,\"b\\ (c) 1', ARRAY["
                    + 1235
                    + zeros
                    + "])::n.pair::text"),
            server.query(
                database, "SELECT ARRAY[ROW(" + 1235 + zeros + ", '', NULL)::n.pair, NULL]::text"),
            server.query(
                database,
                "SELECT ROW(ROW("
                    + 1235
                    + zeros
                    + ", NULL, '{}'), '$1.00', ARRAY[ROW("
                    + 1
                    + zeros
                    + ", 'x y', '{{1"
                    + zeros
                    + "},{2"
                    + zeros
                    + "}}')::n.pair])::n.nest::text"),
            "[1" + zeros + ",1235" + zeros + ")",
            "{[1" + zeros + ",2" + zeros + "),[3" + zeros + ",)}",
            "{empty,\"(,1235" + zeros + "]\"}",
            "$12.35");
    for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
      List<Change> changes =
          slot.getValue().transactions().stream().flatMap(t -> t.changes().stream()).toList();
      String name = slot.getKey() + " in " + locale;
      assertThat(texts(((Change.RowChange) changes.get(0)).after())).as(name).isEqualTo(first);
      assertThat(texts(((Change.RowChange) changes.get(2)).before())).as(name).isEqualTo(first);
      assertThat(texts(((Change.RowChange) changes.get(1)).after()).subList(0, 6))
          .as(name)
          .containsExactly(
              "2",
              "1" + zeros,
              "NULL",
              "[0:1]={1" + zeros + ",2" + zeros + "}",
              "{{1" + zeros + ",2" + zeros + "},{3" + zeros + ",4" + zeros + "}}",
              "(,,)");
      assertThat(texts(((Change.RowChange) changes.get(3)).after()))
          .as(name)
          .containsExactly("1", "(1235" + zeros + ",1" + zeros + ")", "{\"(1235" + zeros + ",)\"}");
      slot.getValue().close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ja_JP.utf8", "ar_KW.utf8"})
  void everyFormatAndTheKeysHaveTheNumber(String locale) throws SQLException {
    String database = database(locale);
    Map<Plugin, DecodedSlot> slots = slots(database);
    server.execute(database, "INSERT INTO k VALUES ('x', '1235')");
    String number = server.query(database, "SELECT b::numeric FROM k");
    for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
      Transaction transaction = slot.getValue().transactions().get(0);
      for (Format format : Format.values()) {
        StreamRecord made = record(format, transaction);
        assertThat(made.partitionKey()).isEqualTo("public.k|" + number + "|x");
        assertThat(new String(made.payload(), UTF_8))
            .as("%s, %s in %s", format, slot.getKey(), locale)
            .containsPattern("[^.0-9$]" + number.replace(".", "\\.") + "[^.0-9]")
            .doesNotContain("12.35", "12,350", "123,500");
      }
      slot.getValue().close();
    }
  }

  /** The cursor between chunks is in the session's own text, and the rows are in the database's. */
  @ParameterizedTest
  @ValueSource(strings = {"ja_JP.utf8", "ar_KW.utf8", "de_DE.utf8"})
  void rowsThatASnapshotReadsHaveTheirAmountsToo(String locale) throws SQLException {
    String database = database(locale);
    server.execute(
        database,
        "INSERT INTO m SELECT i::money, (-i)::money FROM unnest('{1,20,99,1000,12345}'::int[]) i");
    List<String> expected = new ArrayList<>();
    for (String amount : List.of("1", "20", "99", "1000", "12345")) {
      expected.add(numbers(database, amount, "-" + amount));
    }
    List<String> read = new ArrayList<>();
    String name = "tables_of_" + database;
    server.execute(
        database, "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    try (PostgresSlot slot =
        PostgresSlot.open(server.login(database), name, List.of("p"), 2, Duration.ofMinutes(1))) {
      TableShape shape = Objects.requireNonNull(slot.tables().shape(new TableName("public", "m")));
      TableChunk.Bounds two = new TableChunk.Bounds(2, 1 << 20);
      TableChunk chunk;
      List<String> after = null;
      do {
        chunk =
            Objects.requireNonNull(slot.tables().read(shape, after, two, Duration.ofMinutes(1)));
        chunk.rows().forEach(row -> read.add(text(row).replaceAll("[$,]", "")));
        after = chunk.lastKey();
      } while (!chunk.last());
    }
    assertThat(read).isEqualTo(expected);
  }

  /** A setting of the role that reads says nothing of the amounts that others wrote. */
  @Test
  void theRoleThatReadsDoesNotDecide() throws SQLException {
    String database = database("ja_JP.utf8");
    server.execute(
        "postgres",
        "ALTER ROLE postgres IN DATABASE " + database + " SET lc_monetary = 'ar_KW.utf8'");
    Map<Plugin, DecodedSlot> slots = slots(database);
    server.execute(database, "SET lc_monetary = 'ja_JP.utf8'; INSERT INTO m VALUES ('1235', '1')");
    for (DecodedSlot slot : slots.values()) {
      assertThat(slot.transactions())
          .flatExtracting(Transaction::changes)
          .extracting(MoneyIT::numbers)
          .containsExactly("1235 1");
      slot.close();
    }
  }

  private static String database(String locale) {
    String database = server.createDatabase();
    assumeTrue(isInstalled(locale), locale + " is missing: install Debian's locales, localedef");
    server.execute(
        "postgres", "ALTER DATABASE " + database + " SET lc_monetary = '" + locale + "'");
    server.execute(database, SCHEMA);
    server.execute(database, "CREATE PUBLICATION p FOR ALL TABLES");
    return database;
  }

  private static boolean isInstalled(String locale) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SET lc_monetary = '" + locale + "'");
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static Map<Plugin, DecodedSlot> slots(String database) throws SQLException {
    Map<Plugin, DecodedSlot> slots = new LinkedHashMap<>();
    for (Plugin plugin : List.of(Plugin.PGOUTPUT, Plugin.TEST_DECODING, Plugin.WAL2JSON)) {
      if (plugin == Plugin.WAL2JSON && !Wal2Json.isInstalled()) {
        continue;
      }
      DecodedSlot slot = new DecodedSlot(server, plugin, database);
      slot.create("p");
      slots.put(plugin, slot);
    }
    return slots;
  }

  /** What the amounts are as numbers in that database, the second perhaps NULL. */
  private static String numbers(String database, String first, @Nullable String second) {
    String sql = "SELECT ('%s'::money)::numeric || ' ' || coalesce((%s::money)::numeric::text, '')";
    return server
        .query(database, sql.formatted(first, second == null ? "NULL" : "'" + second + "'"))
        .strip();
  }

  private static String numbers(Change change) {
    Change.RowChange row = (Change.RowChange) change;
    String before = row.before() == null ? "" : text(row.before()) + " -> ";
    return (before + (row.after() == null ? "" : text(row.after()))).strip();
  }

  private static String text(Row row) {
    return String.join(" ", texts(row).stream().filter(text -> !text.equals("NULL")).toList());
  }

  private static List<String> texts(@Nullable Row row) {
    return Objects.requireNonNull(row).values().stream()
        .map(value -> value instanceof Value.Text text ? text.text() : "NULL")
        .toList();
  }

  private static StreamRecord record(Format format, Transaction transaction) {
    RecordMaker maker =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(new FormatContext("d", "s", "1", false)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                "s"));
    List<StreamRecord> made = new ArrayList<>();
    maker.begin(transaction.commit()).accept(transaction.changes().get(0), made::add);
    return made.get(0);
  }
}

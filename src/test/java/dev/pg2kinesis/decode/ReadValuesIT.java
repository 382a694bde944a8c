package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A row that is read from its table is spelled as the plugins spell it: names, types and values.
 */
class ReadValuesIT {

  private static final int ROWS = 60;
  private static final Duration TIME = Duration.ofMinutes(2);
  private static final Set<String> NUMBERS = Set.of("numeric", "real", "double precision");

  @ParameterizedTest
  @CsvSource({
    "PGOUTPUT, 14",
    "PGOUTPUT, 15",
    "PGOUTPUT, 18",
    "TEST_DECODING, 14",
    "TEST_DECODING, 15",
    "TEST_DECODING, 18",
    "WAL2JSON, 15"
  })
  void readAsDecoded(Plugin plugin, int major) {
    if (plugin == Plugin.WAL2JSON) {
      assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
      try (PostgresServer server = PostgresServer.start(major, Wal2Json.settings())) {
        compare(plugin, server);
      }
    } else {
      compare(plugin, PostgresServer.shared(major));
    }
  }

  private static void compare(Plugin plugin, PostgresServer server) {
    String database = server.createDatabase();
    long seed = ThreadLocalRandom.current().nextLong();
    System.out.printf("read values: %s, PostgreSQL %d, seed %d%n", plugin, server.major(), seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    server.execute(database, RandomValues.userTypes(server.major()).toArray(String[]::new));
    server.execute(database, "CREATE PUBLICATION p FOR ALL TABLES");
    String slot = new SlotSession(server, database).create(plugin);
    List<TableName> tables = fill(server, database, random);
    Database login =
        new Database(
            server.host(), server.port(), database, "postgres", "postgres", "disable", null, null);
    try (PostgresSlot open = PostgresSlot.open(login, slot, List.of("p"), 2, TIME)) {
      List<RowChange> decoded = new ArrayList<>();
      Decoder decoder = Decoders.of(open.plugin(), open.catalog());
      try (var peek = open.peek(open.position().flush(), Integer.MAX_VALUE, TIME)) {
        for (RawRow row = peek.next(); row != null; row = peek.next()) {
          decoder.decode(row, change -> decoded.add((RowChange) change));
        }
      }
      int compared = 0;
      for (TableName table : tables) {
        List<Row> read = read(open.tables(), table);
        List<Row> expected =
            decoded.stream()
                .filter(change -> change.table().equals(table))
                .map(change -> Objects.requireNonNull(change.after()))
                .toList();
        assertThat(read).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
          compare(plugin, table, read.get(i), expected.get(i));
          compared += read.get(i).values().size();
        }
      }
      assertThat(compared).isGreaterThan(3_000);
    }
    server.execute(database, "SELECT pg_drop_replication_slot('" + slot + "')");
  }

  /** Tables of ten columns each, which together have every type; ids rise in the order of rows. */
  private static List<TableName> fill(
      PostgresServer server, String database, RandomGenerator random) {
    Map<String, RandomValues.Literals> types = RandomValues.types(server.major());
    List<String> names = new ArrayList<>(types.keySet());
    List<TableName> tables = new ArrayList<>();
    for (int from = 0; from < names.size(); from += 10) {
      List<String> columns = names.subList(from, Math.min(from + 10, names.size()));
      TableName table = new TableName("public", "t" + from);
      StringBuilder create = new StringBuilder("CREATE TABLE " + table + " (id int PRIMARY KEY");
      for (int i = 0; i < columns.size(); i++) {
        create.append(", \"c ").append(i).append("\" ").append(columns.get(i));
      }
      StringBuilder insert = new StringBuilder("INSERT INTO " + table + " VALUES ");
      for (int row = 0; row < ROWS; row++) {
        insert.append(row == 0 ? "(" : "), (").append(row);
        for (String column : columns) {
          String value = Objects.requireNonNull(types.get(column)).next(random);
          insert.append(
              random.nextInt(10) == 0 ? ", NULL" : ", '" + value.replace("'", "''") + '\'');
        }
      }
      server.execute(database, create.append(')').toString(), insert.append(')').toString());
      tables.add(table);
    }
    return tables;
  }

  private static List<Row> read(TableReader tables, TableName table) {
    TableShape shape = Objects.requireNonNull(tables.shape(table));
    return Objects.requireNonNull(
            tables.read(shape, null, new TableChunk.Bounds(1_000, 1L << 40), TIME))
        .rows();
  }

  private static void compare(Plugin plugin, TableName table, Row read, Row decoded) {
    assertThat(read.columns()).isEqualTo(decoded.columns());
    for (int i = 0; i < read.values().size(); i++) {
      Value value = read.values().get(i);
      boolean lostByWal2Json =
          plugin == Plugin.WAL2JSON
              && decoded.values().get(i) == Value.NULL
              && NUMBERS.contains(read.columns().get(i).type().name());
      if (!lostByWal2Json) {
        assertThat(text(value))
            .as("%s of %s", read.columns().get(i), table)
            .isEqualTo(text(decoded.values().get(i)));
      }
    }
  }

  private static String text(Value value) {
    return value instanceof Value.Text text ? "'" + text.text() + "'" : value.toString();
  }
}

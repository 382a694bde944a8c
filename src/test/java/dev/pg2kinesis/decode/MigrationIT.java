package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Changes that are read after a migration make the records that they made before it: in every
 * format, through every plugin, byte for byte. The catalog of the time of reading is all there is
 * beside what the plugin prints, so where neither knows what was, the case says what is published
 * instead.
 */
class MigrationIT {

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server =
        PostgresServer.start(
            Wal2Json.MAJOR, Wal2Json.isInstalled() ? Wal2Json.settings() : Map.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static List<Block> migrations() {
    return Block.read("migrations.txt");
  }

  @ParameterizedTest
  @MethodSource("migrations")
  void changesAreWhatTheyWereBeforeIt(Block migration) throws SQLException {
    String database = server.createDatabase();
    server.execute(database, migration.all('+').toArray(String[]::new));
    server.execute(database, "CREATE PUBLICATION p FOR ALL TABLES");
    Map<Plugin, DecodedSlot> slots = slots(database);
    server.execute(database, migration.all('>').toArray(String[]::new));
    Map<Plugin, List<Transaction>> before = read(slots);
    server.execute(database, migration.all('!').toArray(String[]::new));
    Map<Plugin, List<Transaction>> after = read(slots);
    List<String> expected = migration.all('~');
    List<String> news = new ArrayList<>();
    before.forEach(
        (plugin, was) -> {
          List<Transaction> now =
              Objects.requireNonNull(after.get(plugin))
                  .subList(0, was.size()); // a migration may end in changes, such as a TRUNCATE
          List<String> shown = shown(plugin, was);
          shown(plugin, now).stream().filter(line -> !shown.contains(line)).forEach(news::add);
          if (expected.stream().noneMatch(line -> line.startsWith(plugin + " "))) {
            assertThat(records(plugin, now))
                .as("records of %s", plugin)
                .isEqualTo(records(plugin, was));
          }
        });
    assertThat(String.join("\n", news))
        .as("what is published instead")
        .isEqualTo(
            expected.stream()
                .filter(line -> before.containsKey(Plugin.valueOf(line.split(" ", 2)[0])))
                .collect(Collectors.joining("\n")));
    for (DecodedSlot slot : slots.values()) {
      slot.close();
    }
  }

  private static Map<Plugin, List<Transaction>> read(Map<Plugin, DecodedSlot> slots)
      throws SQLException {
    Map<Plugin, List<Transaction>> read = new EnumMap<>(Plugin.class);
    for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
      read.put(slot.getKey(), slot.getValue().transactions());
      if (slot.getKey() == Plugin.WAL2JSON) {
        read.put(Plugin.WAL2JSON_V1, slot.getValue().transactionsOfVersion1());
      }
    }
    return read;
  }

  /** Keys and rows in the debezium format, and names of types. */
  private static List<String> shown(Plugin plugin, List<Transaction> transactions) {
    List<String> lines = new ArrayList<>();
    for (String record : Published.records(plugin, Format.DEBEZIUM, transactions)) {
      int key = record.indexOf(' ');
      lines.add(
          plugin
              + " "
              + record.substring(0, key)
              + " "
              + record.substring(key + 2, record.indexOf(",\"source\"")));
    }
    for (Transaction transaction : transactions) {
      for (Change change : transaction.changes()) {
        Change.RowChange row = (Change.RowChange) change;
        Row shown = row.after() != null ? row.after() : Objects.requireNonNull(row.before());
        lines.add(
            plugin
                + " types "
                + shown.columns().stream()
                    .map(column -> column.type().name())
                    .filter(name -> name.contains("."))
                    .collect(Collectors.joining(" ")));
      }
    }
    return lines.stream().distinct().toList();
  }

  private static Map<Plugin, DecodedSlot> slots(String database) throws SQLException {
    Map<Plugin, DecodedSlot> slots = new EnumMap<>(Plugin.class);
    for (Plugin plugin : Plugin.values()) {
      if (plugin != Plugin.WAL2JSON_V1 && (plugin != Plugin.WAL2JSON || Wal2Json.isInstalled())) {
        DecodedSlot slot = new DecodedSlot(server, plugin, database);
        slot.create(plugin == Plugin.PGOUTPUT ? new String[] {"p"} : new String[0]);
        slots.put(plugin, slot);
      }
    }
    return slots;
  }

  private static List<String> records(Plugin plugin, List<Transaction> transactions) {
    List<String> records = new ArrayList<>();
    for (Format format : Format.values()) {
      records.addAll(Published.records(plugin, format, transactions));
    }
    return records;
  }
}

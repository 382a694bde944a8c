package dev.pg2kinesis.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.postgres.Extensions;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every format makes the same records of extensions' types, whichever plugin prints them. */
class ExtensionTypesIT {

  private static final List<String> DEBIAN = List.of("postgis", "unit");
  private static final List<String> CONTRIB =
      List.of("hstore", "citext", "ltree", "intarray", "cube", "seg", "isn");

  private static final String[] CHANGES = {
    "INSERT INTO x VALUES ('Ab', 'SRID=4326;POINT(1 2)', '{POINT(1 2):POINT(3 4):NULL}', 'POINT(1 2)',"
        + " '9.81 m/s^2', '{1 m,NULL}', 'a=>1, \"b c\"=>NULL', '{\"a=>1\",NULL}', 'a.b', '{a.b,c}',"
        + " '{1,2}', '(1,2),(3,4)', '{\"(1,2)\"}', '1.5 .. 2', '978-0-393-04002-9',"
        + " '{978-0-393-04002-9}', '{Ab,\"c d\"}')",
    "INSERT INTO x (id) VALUES ('nulls')",
    "UPDATE x SET id = 'other', g = 'POINT EMPTY' WHERE id = 'ab'",
    "DELETE FROM x WHERE id = 'other'"
  };

  @Test
  void everyPluginGivesTheSameRecords() throws SQLException {
    assumeTrue(Extensions.DEBIAN.have(DEBIAN), Extensions.DEBIAN::missing);
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server =
        PostgresServer.start(Extensions.DEBIAN.major(), Wal2Json.settings())) {
      Extensions.DEBIAN.offer(server, DEBIAN);
      String database = server.createDatabase();
      CONTRIB.forEach(name -> server.execute(database, "CREATE EXTENSION " + name));
      DEBIAN.forEach(name -> server.execute(database, "CREATE EXTENSION " + name));
      server.execute(
          database,
          "CREATE TABLE x (id citext PRIMARY KEY, g geometry, gs geometry[], o geography, u unit,"
              + " us unit[], h hstore, hs hstore[], l ltree, ls ltree[], i integer[], c cube,"
              + " cs cube[], s seg, e ean13, es ean13[], ts citext[])",
          "ALTER TABLE x REPLICA IDENTITY FULL",
          "CREATE PUBLICATION p FOR ALL TABLES");
      Map<Plugin, DecodedSlot> slots = new LinkedHashMap<>();
      for (Plugin plugin : List.of(Plugin.PGOUTPUT, Plugin.TEST_DECODING, Plugin.WAL2JSON)) {
        DecodedSlot slot = new DecodedSlot(server, plugin, database);
        slot.create("p");
        slots.put(plugin, slot);
      }
      server.execute(database, CHANGES);
      for (Format format : Format.values()) {
        List<String> first = records(format, slots.values().iterator().next());
        assertThat(first).as("%s", format).hasSizeGreaterThanOrEqualTo(CHANGES.length);
        for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
          assertThat(records(format, slot.getValue()))
              .as("%s with %s", format, slot.getKey())
              .isEqualTo(first);
        }
      }
      for (DecodedSlot slot : slots.values()) {
        slot.close();
      }
    }
  }

  private static List<String> records(Format format, DecodedSlot slot) {
    RecordMaker maker =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(new FormatContext("d", "s", "1", false)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                "s"));
    List<String> records = new ArrayList<>();
    for (Transaction decoded : slot.transactions()) {
      RecordMaker.Transaction transaction = maker.begin(decoded.commit());
      for (Change change : decoded.changes()) {
        transaction.accept(
            change,
            made -> records.add(made.partitionKey() + ' ' + new String(made.payload(), UTF_8)));
      }
    }
    return records;
  }
}

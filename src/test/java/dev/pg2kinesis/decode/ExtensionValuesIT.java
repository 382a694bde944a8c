package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.postgres.Extensions;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.io.IOException;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Types of extensions: alone, in arrays of one and two dimensions, as domains and arrays of
 * domains, and as keys. The server says what the values and the elements are; all plugins agree on
 * them, and every format has them.
 */
class ExtensionValuesIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Types that the debezium format does not write as the server's text; see its own tests. */
  private static final List<String> FORMS = List.of("hstore", "geometry", "geography", "vector");

  @ParameterizedTest(name = "{1} of {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hstore   | hstore    | `\"a,b\"=>\"1;{}\", \"it's\"=>NULL` | `` ",
        "citext   | citext    | `It's \"quoted\", {a} NULL`         | `` ",
        "ltree    | ltree     | Top.Science.Astronomy             | `` ",
        "ltree    | lquery    | `Top.*{1,2}.Astro*@`              | `a|b` ",
        "ltree    | ltxtquery | Europe & Russia*@                 | `!a` ",
        "intarray | query_int | `1&(2|3)`                         | `!4` ",
        "cube     | cube      | `(1,2),(3,4)`                     | 0.5 ",
        "seg      | seg       | 1.5 .. 2.50                       | ~7.0 ",
        "isn      | isbn13    | 978-0-306-40615-7                 | 978-0-306-40615-7 ",
        "isn      | issn      | 1436-4522                         | 1436-4522 ",
        "isn      | upc       | 220356483481                      | 220356483481 ",
        "postgis  | geometry  | SRID=4326;POINT(0.1 2)            | `LINESTRING(0 0,1 1)` ",
        "postgis  | geography | POINT(1 2)                        | `LINESTRING(0 0,1 1)` ",
        "postgis  | box2d     | `BOX(1 2,3 4)`                    | `BOX(0 0,1 1)` ",
        "postgis  | box3d     | `BOX3D(1 2 3,4 5 6)`              | `BOX3D(0 0 0,1 1 1)` ",
        "unit     | unit      | 90 min                            | 9.81 m/s^2 ",
        "vector   | vector    | `[1,2.5,-3]`                      | `[0,0,0]` ",
      })
  void valuesAreWhatTheServerSays(String extension, String type, String one, String other)
      throws SQLException, IOException {
    Extensions of = extension.equals("vector") ? Extensions.PGVECTOR : Extensions.DEBIAN;
    assumeTrue(of.have(List.of(extension)), of::missing);
    boolean wal2json = of.major() == Wal2Json.MAJOR && Wal2Json.isInstalled();
    try (PostgresServer server =
        PostgresServer.start(of.major(), wal2json ? Wal2Json.settings() : Map.of())) {
      of.offer(server, List.of(extension));
      String database = server.createDatabase();
      server.execute(
          database,
          "CREATE SCHEMA \"Odd S\"",
          "CREATE EXTENSION " + extension + " SCHEMA \"Odd S\"",
          "ALTER DATABASE " + database + " SET search_path = public, \"Odd S\"",
          "CREATE DOMAIN public.d AS \"Odd S\"." + type);
      server.execute(
          database,
          "CREATE TABLE public.t (id int PRIMARY KEY, v "
              + type
              + ", a "
              + type
              + "[], d public.d,"
              + " da public.d[], n "
              + type
              + "[])",
          "ALTER TABLE public.t REPLICA IDENTITY FULL",
          "CREATE PUBLICATION p FOR TABLE public.t");
      check(server, database, wal2json, type, one, other);
    }
  }

  private static void check(
      PostgresServer server,
      String database,
      boolean wal2json,
      String type,
      String one,
      String other)
      throws SQLException, IOException {
    Map<Plugin, DecodedSlot> slots = new EnumMap<>(Plugin.class);
    for (Plugin plugin :
        wal2json
            ? List.of(Plugin.PGOUTPUT, Plugin.TEST_DECODING, Plugin.WAL2JSON)
            : List.of(Plugin.PGOUTPUT, Plugin.TEST_DECODING)) {
      DecodedSlot slot = new DecodedSlot(server, plugin, database);
      slot.create(plugin == Plugin.PGOUTPUT ? new String[] {"p"} : new String[0]);
      slots.put(plugin, slot);
    }
    String x = "'" + one.replace("'", "''") + "'::" + type;
    String y = "'" + other.replace("'", "''") + "'::" + type;
    server.execute(
        database,
        ("INSERT INTO public.t VALUES (1, %s, ARRAY[%s, NULL, %s], %s, ARRAY[%s, %s]::public.d[],"
                + " ARRAY[[%s, %s], [%s, %s]])")
            .formatted(x, x, y, x, x, y, x, y, y, x),
        "UPDATE public.t SET v = NULL, a = '{}'",
        "DELETE FROM public.t");
    DecodedSlot asked = Objects.requireNonNull(slots.get(Plugin.PGOUTPUT));
    List<Column> columns = asked.columns("public.t");
    Map<Plugin, List<Transaction>> read = new EnumMap<>(Plugin.class);
    for (Map.Entry<Plugin, DecodedSlot> slot : slots.entrySet()) {
      read.put(slot.getKey(), slot.getValue().transactions());
      if (slot.getKey() == Plugin.WAL2JSON) {
        read.put(Plugin.WAL2JSON_V1, slot.getValue().transactionsOfVersion1());
      }
    }
    asked.run("SET search_path = public, \"Odd S\"");
    String v = text(asked, x);
    String w = text(asked, y);
    String array = text(asked, "ARRAY[" + x + ", NULL, " + y + "]");
    for (Map.Entry<Plugin, List<Transaction>> entry : read.entrySet()) {
      Row row = row(entry.getValue().get(0).changes().get(0));
      assertThat(row.columns()).as("%s", entry.getKey()).isEqualTo(columns);
      assertThat(row.values().subList(1, 4))
          .as("%s", entry.getKey())
          .containsExactly(Value.of(v), Value.of(array), Value.of(v));
      assertThat(changes(entry.getValue()))
          .as("%s", entry.getKey())
          .isEqualTo(changes(Objects.requireNonNull(read.get(Plugin.PGOUTPUT))));
      JsonNode after = debezium(entry.getKey(), entry.getValue()).path("after");
      JsonNode first = after.path("v");
      JsonNode second = after.path("da").path(1);
      if (!FORMS.contains(type)) {
        assertThat(first.asText()).isEqualTo(v);
        assertThat(second.asText()).isEqualTo(w);
      }
      assertThat(after.path("d")).isEqualTo(first);
      assertThat(after.path("a")).containsExactly(first, NullNode.getInstance(), second);
      assertThat(after.path("da")).containsExactly(first, second);
      assertThat(after.path("n").path(0)).containsExactly(first, second);
      assertThat(after.path("n").path(1)).containsExactly(second, first);
      for (Format format : Format.values()) {
        assertThat(Published.records(entry.getKey(), format, entry.getValue()))
            .as("%s in %s", format, entry.getKey())
            .isNotEmpty();
      }
    }
    for (DecodedSlot slot : slots.values()) {
      slot.close();
    }
  }

  private static String text(DecodedSlot slot, String expression) throws SQLException {
    return slot.query("SELECT format('%s', " + expression + ")");
  }

  private static List<String> changes(List<Transaction> transactions) {
    return transactions.stream()
        .flatMap(transaction -> transaction.changes().stream())
        .map(ChangeText::of)
        .toList();
  }

  private static Row row(Change change) {
    return Objects.requireNonNull(((Change.RowChange) change).after());
  }

  private static JsonNode debezium(Plugin plugin, List<Transaction> transactions)
      throws IOException {
    String record = Published.records(plugin, Format.DEBEZIUM, transactions).get(0);
    return JSON.readTree(record.substring(record.indexOf(' ') + 1));
  }
}

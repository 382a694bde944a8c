package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The consumer of {@code src/docs/consumers.md}, as it is printed there. */
class ConsumerGuideIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String ROWS =
      "SELECT coalesce(string_agg(o::text, ' ' ORDER BY id), '') FROM orders o";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static String example() throws IOException {
    String guide = Files.readString(Path.of("src/docs/consumers.md"));
    int start = guide.indexOf("```sql\n") + 7;
    return guide.substring(start, guide.indexOf("```", start));
  }

  private final PostgresServer server = PostgresServer.shared(15);
  private final String copy = server.createDatabase();

  ConsumerGuideIT() throws IOException {
    server.execute(copy, example());
  }

  @Test
  void theExampleEndsAtTheSourceHoweverOftenItIsRepeated() throws Exception {
    LocalDeployment source = LocalDeployment.on(server, kinesis, 1).withSlot("test_decoding");
    List<String> events = eventsOf(source);

    apply(withRepeats(events));

    assertThat(server.query(copy, ROWS)).isEqualTo(source.query(ROWS)).isNotEmpty();

    apply(events);

    assertThat(server.query(copy, ROWS)).isEqualTo(source.query(ROWS));
  }

  @Test
  void theExampleEndsAtTheSourceWhateverKinesisRefuses() throws Exception {
    LocalDeployment source = LocalDeployment.on(server, kinesis, 1).withSlot("test_decoding");
    List<String> events = eventsOf(source);
    for (int seed = 0; seed < 30; seed++) {
      server.execute(copy, "TRUNCATE orders_copy");

      apply(withRefusals(events, new Random(seed)));

      assertThat(server.query(copy, ROWS))
          .as("seed %d", seed)
          .isEqualTo(source.query(ROWS))
          .isNotEmpty();
    }
  }

  /** The default settings, and a stream that refuses the second of three records once. */
  @Test
  void aLargeValueThatANewerVersionOvertookIsKept() throws Exception {
    try (FakeKinesis refusing = FakeKinesis.start()) {
      LocalDeployment source = LocalDeployment.on(server, refusing, 1).withSlot("test_decoding");
      source.sql(
          "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)",
          "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
          "INSERT INTO orders VALUES (1, 'x', repeat('A', 9000))",
          "UPDATE orders SET note = repeat('B', 9000)",
          "UPDATE orders SET customer = 'y'");
      refusing.setFaults(new RefusesTheSecondOfThree(refusing));
      source.invoke("{\"action\":\"poll\"}");
      List<String> events = source.newPayloads();
      assertThat(events.stream().map(ConsumerGuideIT::note))
          .containsExactly(
              "A", "__debezium_unavailable_value", "B", "__debezium_unavailable_value");

      apply(events);

      assertThat(server.query(copy, ROWS)).isEqualTo(source.query(ROWS)).contains("(1,y,BBB");
    }
  }

  private static String note(String event) {
    return json(event).at("/after/note").asText().replaceFirst("^(.)\\1+$", "$1");
  }

  /** Waits until all three are in one request. */
  private static final class RefusesTheSecondOfThree implements Faults {
    private final FakeKinesis kinesis;
    private long entriesBefore;
    private int entry;

    RefusesTheSecondOfThree(FakeKinesis kinesis) {
      this.kinesis = kinesis;
      this.entriesBefore = kinesis.putEntries();
    }

    @Override
    public synchronized CallFault nextCall() {
      long entries = kinesis.putEntries() - entriesBefore;
      entriesBefore += entries;
      return entry == 0 && entries < 3
          ? CallFault.refuse(400, "ProvisionedThroughputExceededException")
          : CallFault.NONE;
    }

    @Override
    public synchronized @Nullable String nextEntry() {
      return ++entry == 2 ? "ProvisionedThroughputExceededException" : null;
    }
  }

  private static List<String> eventsOf(LocalDeployment source) throws Exception {
    work(source);
    source.invoke("{\"action\":\"poll\"}");
    List<String> events = source.newPayloads();
    assertThat(events.size()).isGreaterThan(50);
    return events;
  }

  private static void work(LocalDeployment source) {
    source.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "INSERT INTO orders SELECT i, 'c' || i, NULL FROM generate_series(1, 20) i",
        "UPDATE orders SET note = repeat('z', 9000) WHERE id IN (1, 2, 12)",
        "UPDATE orders SET customer = 'changed' WHERE id <= 10",
        "DELETE FROM orders WHERE id IN (3, 4)",
        "INSERT INTO orders VALUES (3, 'again', 'new')",
        "UPDATE orders SET id = 100 WHERE id = 5",
        "DELETE FROM orders WHERE id > 15",
        "BEGIN; DELETE FROM orders WHERE id = 6; INSERT INTO orders VALUES (6, 'same xact', NULL);"
            + " UPDATE orders SET id = 7000 WHERE id = 7; UPDATE orders SET id = 7 WHERE id = 8;"
            + " COMMIT");
    for (int i = 0; i < 10; i++) {
      source.sql("UPDATE orders SET customer = 'v" + i + "' WHERE id = " + (9 + i % 3));
      source.sql("UPDATE orders SET note = repeat('" + i + "', 9000) WHERE id = " + (10 + i % 2));
      source.sql("UPDATE orders SET customer = 'w" + i + "' WHERE id IN (2, 10, 11)");
    }
    source.sql(
        "DELETE FROM orders WHERE id = 10", "INSERT INTO orders VALUES (10, 'once more', NULL)");
  }

  /** Now and then it starts again somewhere before, as after a crash. */
  private static List<String> withRepeats(List<String> events) {
    Random random = new Random(11);
    List<String> repeated = new ArrayList<>();
    for (int next = 0; next < events.size(); ) {
      int until = Math.min(events.size(), next + 1 + random.nextInt(9));
      int from = Math.max(0, next - random.nextInt(30));
      repeated.addAll(events.subList(from, until));
      next = until;
    }
    return repeated;
  }

  /**
   * {@code ORDERING=replay} in requests of up to ten records: a record that is refused goes again
   * with every later one of its key.
   */
  private static List<String> withRefusals(List<String> events, Random random) {
    List<String> delivered = new ArrayList<>();
    List<String> waiting = new ArrayList<>(events);
    while (!waiting.isEmpty()) {
      List<String> again = new ArrayList<>();
      Set<Integer> disturbed = new HashSet<>();
      int size = Math.min(waiting.size(), 1 + random.nextInt(10));
      for (String event : waiting.subList(0, size)) {
        if (random.nextInt(3) == 0) {
          disturbed.add(key(event));
        } else {
          delivered.add(event);
        }
        if (disturbed.contains(key(event))) {
          again.add(event);
        }
      }
      waiting.subList(0, size).clear();
      waiting.addAll(0, again);
    }
    return delivered;
  }

  private static int key(String event) {
    JsonNode json = json(event);
    return json.at(json.path("op").asText().equals("d") ? "/before/id" : "/after/id").asInt();
  }

  private static JsonNode json(String event) {
    try {
      return JSON.readTree(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void apply(List<String> events) throws SQLException {
    try (Connection connection = server.connect(copy);
        PreparedStatement apply = connection.prepareStatement("SELECT apply(?::jsonb)")) {
      for (String event : events) {
        apply.setString(1, event);
        apply.execute();
      }
    }
  }
}

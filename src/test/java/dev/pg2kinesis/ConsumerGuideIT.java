package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The consumer of {@code src/docs/consumers.md}, as it is printed there. */
class ConsumerGuideIT {

  private static final String ROWS =
      "SELECT coalesce(string_agg(o::text, ' ' ORDER BY id), '') FROM orders o";

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private static String example() throws IOException {
    String guide = Files.readString(Path.of("src/docs/consumers.md"));
    int start = guide.indexOf("```sql\n") + 7;
    return guide.substring(start, guide.indexOf("```", start));
  }

  @Test
  void theExampleEndsAtTheSourceHoweverOftenItIsRepeated() throws Exception {
    PostgresServer server = PostgresServer.shared(15);
    String copy = server.createDatabase();
    server.execute(copy, example());
    LocalDeployment source = LocalDeployment.on(server, kinesis, 1).withSlot("test_decoding");
    work(source);
    source.invoke("{\"action\":\"poll\"}");
    List<String> events = source.newPayloads();
    assertThat(events.size()).isGreaterThan(50);

    apply(server, copy, withRepeats(events));

    assertThat(server.query(copy, ROWS)).isEqualTo(source.query(ROWS)).isNotEmpty();

    apply(server, copy, events);

    assertThat(server.query(copy, ROWS)).isEqualTo(source.query(ROWS));
  }

  private static void work(LocalDeployment source) {
    source.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)",
        "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
        "INSERT INTO orders SELECT i, 'c' || i, NULL FROM generate_series(1, 20) i",
        "UPDATE orders SET note = repeat('z', 9000) WHERE id = 1",
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
    }
  }

  /** Now and then it starts again somewhere before, as after a crash. */
  private static List<String> withRepeats(List<String> events) {
    Random random = new Random(11);
    List<String> repeated = new java.util.ArrayList<>();
    for (int next = 0; next < events.size(); ) {
      int until = Math.min(events.size(), next + 1 + random.nextInt(9));
      int from = Math.max(0, next - random.nextInt(30));
      repeated.addAll(events.subList(from, until));
      next = until;
    }
    return repeated;
  }

  private static void apply(PostgresServer server, String database, List<String> events)
      throws SQLException {
    try (Connection connection = server.connect(database);
        PreparedStatement apply = connection.prepareStatement("SELECT apply(?::jsonb)")) {
      for (String event : events) {
        apply.setString(1, event);
        apply.execute();
      }
    }
  }
}

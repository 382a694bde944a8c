package dev.pg2kinesis.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The whole of it on one machine, for {@code scripts/demo}: a real PostgreSQL, a Kinesis endpoint,
 * the real handler, and what a consumer reads.
 */
final class Demo {

  private static final String SCHEMA =
      """
      CREATE TYPE status AS ENUM ('new', 'paid', 'shipped');
      CREATE TABLE customers (
        id int PRIMARY KEY, name text NOT NULL, email text, balance numeric(12,2), tags text[]);
      CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES customers,
        status status DEFAULT 'new', total numeric, placed timestamptz, details jsonb);
      CREATE TABLE "Order Lines" (
        "order" bigint, line int, "what, exactly?" text, PRIMARY KEY ("order", line));
      CREATE PUBLICATION shop FOR ALL TABLES""";

  /** Each entry is one transaction. */
  private static final List<String> WORKLOAD =
      List.of(
          """
          INSERT INTO customers VALUES
            (1, 'Ada', 'ada@example.com', 100.50, '{vip,"a,b"}'), (2, 'Grace', NULL, 0, NULL)""",
          """
          BEGIN;
          INSERT INTO orders (customer, total, placed, details)
            VALUES (1, 59.90, '2026-01-02 03:04:05.678901+01', '{"gift": true}');
          INSERT INTO "Order Lines" VALUES (1, 1, 'a "quoted" thing'), (1, 2, E'two\\nlines, ünïcödé 🚚');
          UPDATE customers SET balance = balance - 59.90 WHERE id = 1;
          COMMIT""",
          "UPDATE orders SET status = 'paid' WHERE id = 1",
          "BEGIN; DELETE FROM orders; ROLLBACK",
          "UPDATE customers SET id = 3 WHERE id = 2",
          "UPDATE customers SET balance = 'NaN' WHERE id = 3",
          "DELETE FROM \"Order Lines\" WHERE line = 2",
          "SELECT pg_logical_emit_message(true, 'outbox', '{\"mail\": \"receipt for order 1\"}')",
          "TRUNCATE \"Order Lines\"");

  private Demo() {}

  public static void main(String[] arguments) throws IOException {
    say("Starting PostgreSQL 18 (wal_level = logical) and a Kinesis endpoint …");
    try (PostgresServer server = PostgresServer.start(18, Map.of());
        KinesisLocal kinesis = KinesisLocal.start()) {
      LocalDeployment deployment =
          LocalDeployment.on(server, kinesis, 2).with("PUBLICATION_NAMES", "shop");
      deployment.sql(SCHEMA);
      JsonNode created = deployment.invoke(Files.readString(Path.of("events/create-slot.json")));
      say("  postgresql://" + server.host() + ":" + server.port() + "/" + deployment.database());
      say("  " + kinesis.endpoint() + ", stream " + deployment.stream() + " with 2 shards");
      say("  events/create-slot.json: " + created);
      title("The workload, one transaction each");
      for (String transaction : WORKLOAD) {
        say("  " + transaction.strip().replaceAll("\\s*\\n\\s*", " "));
        deployment.sql(transaction);
      }
      run(deployment);
    }
    say("");
    say("Done: both servers are stopped and their files are gone.");
  }

  private static void run(LocalDeployment deployment) throws IOException {
    String event = Files.readString(Path.of("events/scheduler.json"));
    slot("before", deployment);

    title("Invoking the handler with events/scheduler.json");
    say("  " + deployment.invoke(event));

    title("What a consumer reads from the stream");
    for (Record r : deployment.newRecords()) {
      say("  key " + r.partitionKey() + "  sequence number …" + tail(r.sequenceNumber()));
      say("    " + r.data().asUtf8String());
    }

    slot("after", deployment);

    title("Invoking it again: nothing is sent twice");
    JsonNode again = deployment.invoke(event);
    say("  " + again);
    int repeated = deployment.newRecords().size();
    say("  new records on the stream: " + repeated);
    if (repeated != 0) {
      throw new IllegalStateException("a record was sent twice");
    }
  }

  private static void slot(String when, LocalDeployment deployment) {
    title("The slot " + when);
    say(
        "  "
            + deployment.query(
                "SELECT format('%s (%s): confirmed_flush_lsn %s, %s bytes of WAL behind',"
                    + " slot_name, plugin, confirmed_flush_lsn,"
                    + " pg_current_wal_flush_lsn() - confirmed_flush_lsn)"
                    + " FROM pg_replication_slots WHERE slot_name = '"
                    + deployment.slot()
                    + "'"));
  }

  private static String tail(String number) {
    return number.substring(Math.max(0, number.length() - 6));
  }

  private static void title(String text) {
    say("");
    say("── " + text);
  }

  @SuppressWarnings("SystemOut") // a command for people
  private static void say(String line) {
    System.out.println(line);
  }
}

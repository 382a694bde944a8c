package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer collects transactions by the events at their ends. */
class TransactionEventsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"pgoutput", "test_decoding"})
  void aConsumerCanTellWhenItHasAllOfATransaction(String plugin) throws Exception {
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      LocalDeployment deployment =
          LocalDeployment.on(PostgresServer.shared(18), kinesis, 4)
              .with("TRANSACTION_EVENTS", "true")
              .with("EXCLUDE_TABLES", "hidden")
              .with("PUBLICATION_NAMES", "everything")
              .with("WINDOW_ROWS", "5");
      deployment.sql(
          "CREATE TABLE a (id int PRIMARY KEY)",
          "CREATE TABLE b (id int PRIMARY KEY)",
          "CREATE TABLE hidden (id int PRIMARY KEY)",
          "CREATE PUBLICATION everything FOR ALL TABLES");
      deployment.withSlot(plugin);
      deployment.sql(
          "BEGIN; INSERT INTO a SELECT generate_series(1, 20); INSERT INTO b VALUES (1);"
              + " INSERT INTO hidden VALUES (1); UPDATE b SET id = 2;"
              + " SELECT pg_logical_emit_message(true, 'p', 'c'); COMMIT",
          "INSERT INTO hidden VALUES (2)",
          "DELETE FROM a WHERE id < 4");

      JsonNode peeked = deployment.invoke("{\"action\":\"peek\",\"limit\":100}").path("records");
      JsonNode report = deployment.invoke("{\"action\":\"poll\"}");
      List<String> payloads = deployment.newPayloads();

      assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
      assertThat(report.path("records").asInt()).isEqualTo(payloads.size()).isEqualTo(29);
      List<String> shown = new ArrayList<>();
      peeked.forEach(r -> shown.add(r.path("data").asText()));
      assertThat(payloads).containsAll(shown);
      assertThat(shown).anyMatch(data -> data.startsWith("{\"status\":\"END\""));

      Map<String, Integer> counted = new HashMap<>();
      Map<String, JsonNode> ends = new HashMap<>();
      for (String payload : payloads) {
        JsonNode event = JSON.readTree(payload);
        if (event.has("status")) {
          ends.put(event.path("id").asText(), event);
        } else {
          counted.merge(event.path("transaction").path("id").asText(), 1, Integer::sum);
        }
      }
      assertThat(ends).hasSize(2);
      ends.forEach(
          (id, end) ->
              assertThat(end.path("event_count").asInt()).as(id).isEqualTo(counted.get(id)));
      assertThat(ends.values())
          .extracting(end -> end.path("data_collections").toString())
          .containsExactlyInAnyOrder(
              "[{\"data_collection\":\"public.a\",\"event_count\":20},"
                  + "{\"data_collection\":\"public.b\",\"event_count\":3},"
                  + "{\"data_collection\":\"\",\"event_count\":1}]",
              "[{\"data_collection\":\"public.a\",\"event_count\":3}]");
    }
  }
}

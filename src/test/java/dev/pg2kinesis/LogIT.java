package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run leaves in the log. */
class LogIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void eachLineIsJsonWithTheRequestsId() throws IOException {
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      LocalDeployment deployment = LocalDeployment.on(PostgresServer.shared(18), kinesis, 1);
      deployment.invoke("{\"action\":\"create-slot\"}");
      deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      JsonNode report = deployment.invoke("{}");
      deployment.invoke("{\"action\":\"drop-slot\",\"confirm\":\"" + deployment.slot() + "\"}");

      List<JsonNode> lines = new ArrayList<>();
      for (String line : deployment.log()) {
        lines.add(JSON.readTree(line));
      }

      assertThat(lines)
          .extracting(line -> line.path("action").asText() + " " + line.path("outcome").asText())
          .containsExactly("create-slot CREATED", "poll CAUGHT_UP", "drop-slot DROPPED");
      assertThat(lines).allSatisfy(line -> assertThat(line.has("requestId")).isTrue());
      JsonNode metrics = lines.get(1);
      assertThat(metrics.path("Slot").asText()).isEqualTo(deployment.slot());
      assertThat(metrics.path("Stream").asText()).isEqualTo(deployment.stream());
      assertThat(metrics.path("Records")).isEqualTo(report.path("records"));
      JsonNode definition = metrics.path("_aws").path("CloudWatchMetrics").get(0);
      assertThat(definition.path("Namespace").asText()).isEqualTo("pg2kinesis");
      assertThat(definition.path("Metrics").findValuesAsText("Name"))
          .contains("Records", "LagBytes", "RetainedBytes", "SlotHealthy")
          .allSatisfy(name -> assertThat(metrics.path(name).isNumber()).isTrue());
    }
  }
}

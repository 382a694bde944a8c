package dev.pg2kinesis.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.lambda.LambdaRuntime.Answer;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The jar that is deployed, as Lambda runs it. */
class LambdaRuntimeIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The build's jar, or the one that {@code sam build} has packed. */
  private static final Path JAR =
      Path.of(System.getProperty("deployable", "target/pg2kinesis-lambda.jar"));

  @Test
  void theDeployableServesTheEventsOfItsTriggers() throws Exception {
    try (KinesisLocal kinesis = KinesisLocal.start()) {
      LocalDeployment deployment =
          LocalDeployment.on(PostgresServer.shared(18), kinesis, 1).withSlot("test_decoding");
      deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
      try (LambdaRuntime runtime = LambdaRuntime.start(JAR, environment(deployment, kinesis))) {
        assertPublishes(runtime, deployment, "events/rule.json");
        assertPublishes(runtime, deployment, "events/scheduler.json");
        assertPublishes(runtime, deployment, "events/poll.json");

        Answer error = runtime.invoke("{\"action\":\"pol\"}", Duration.ofSeconds(30));
        assertThat(error.ok()).isFalse();
        assertThat(JSON.readTree(error.body()).path("errorMessage").asText())
            .startsWith("EVENT_INVALID: unknown action");

        assertPublishes(runtime, deployment, "events/poll.json");
        assertThat(metrics(runtime)).hasSize(4);
      }
    }
  }

  private static Map<String, String> environment(LocalDeployment deployment, KinesisLocal kinesis) {
    Map<String, String> environment = new HashMap<>(deployment.environment());
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "test");
    environment.put("AWS_SECRET_ACCESS_KEY", "test");
    environment.put("AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString());
    return environment;
  }

  private static void assertPublishes(
      LambdaRuntime runtime, LocalDeployment deployment, String file)
      throws IOException, InterruptedException {
    deployment.sql("INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t");

    Answer answer = runtime.invoke(Files.readString(Path.of(file)), Duration.ofSeconds(30));

    assertThat(answer.ok()).as(answer.body()).isTrue();
    JsonNode report = JSON.readTree(answer.body());
    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(report.path("records").asInt()).isEqualTo(1);
    assertThat(deployment.newRecords()).hasSize(1);
    assertThat(deployment.position()).isEqualTo(report.path("toLsn").asText());
  }

  private static List<JsonNode> metrics(LambdaRuntime runtime) throws IOException {
    List<JsonNode> metrics = new java.util.ArrayList<>();
    for (String line : runtime.log()) {
      if (line.startsWith("{\"_aws\"")) {
        metrics.add(JSON.readTree(line));
      }
    }
    return metrics;
  }
}

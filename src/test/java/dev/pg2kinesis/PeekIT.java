package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.command.Command;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The action {@code peek}: what would be published, and nothing else happens. */
class PeekIT {

  private FakeKinesis kinesis;
  private LocalDeployment deployment;

  @BeforeEach
  void deploy() {
    kinesis = FakeKinesis.start();
    deployment =
        LocalDeployment.on(PostgresServer.shared(15), kinesis, 1)
            .withSlot("test_decoding")
            .with("FORMAT", "csv");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
  }

  @AfterEach
  void stop() {
    kinesis.close();
  }

  @Test
  void showsTheRecordsThatThenArePublished() {
    deployment.sql("INSERT INTO t VALUES (1), (2)", "DELETE FROM t WHERE id = 1");
    String before = deployment.position();

    JsonNode peek = deployment.invoke("{\"action\":\"peek\"}");

    assertThat(peek.path("more").asBoolean()).isFalse();
    assertThat(deployment.position()).isEqualTo(before);
    assertThat(deployment.newRecords()).isEmpty();
    List<String> shown = new ArrayList<>();
    peek.path("records").forEach(r -> shown.add(r.path("data").asText()));
    deployment.invoke("{\"action\":\"poll\"}");
    // Keys may overtake each other; each of them keeps its order.
    assertThat(deployment.newPayloads())
        .hasSize(3)
        .containsExactlyInAnyOrderElementsOf(shown)
        .containsSubsequence(shown.get(0), shown.get(2));
  }

  @Test
  void showsAsManyAsAskedFor() {
    deployment.sql("INSERT INTO t SELECT generate_series(1, 30)");

    JsonNode few = deployment.invoke("{\"action\":\"peek\",\"limit\":3}");

    assertThat(few.path("records")).hasSize(3);
    assertThat(few.path("more").asBoolean()).isTrue();
    assertThat(few.path("records").get(2).path("ordinal").asInt()).isEqualTo(2);
    assertThat(few.path("records").get(2).path("partitionKey").asText()).isEqualTo("public.t|3");
    assertThat(deployment.invoke("{\"action\":\"peek\"}").path("records"))
        .hasSize(Command.Peek.DEFAULT_LIMIT);
  }

  @Test
  void anEmptySlotShowsNothing() {
    JsonNode peek = deployment.invoke("{\"action\":\"peek\"}");

    assertThat(peek.path("records")).isEmpty();
    assertThat(peek.path("more").asBoolean()).isFalse();
  }
}

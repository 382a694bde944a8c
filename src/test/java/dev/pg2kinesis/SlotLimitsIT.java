package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server that gives up slots that are not read for long: said before and after it happened. */
class SlotLimitsIT {

  @Test
  void aSlotThatIdledForTooLongIsLostAndTheMessageSaysWhy() {
    try (PostgresServer server =
            PostgresServer.start(18, Map.of("idle_replication_slot_timeout", "1s"));
        FakeKinesis kinesis = FakeKinesis.start()) {
      LocalDeployment deployment = LocalDeployment.on(server, kinesis, 1);

      JsonNode created = deployment.invoke("{\"action\":\"create-slot\"}");
      assertThat(created.path("outcome").asText()).isEqualTo("CREATED");
      assertWarns(created);
      assertWarns(deployment.invoke("{\"action\":\"status\"}"));

      // Idle slots are looked for at checkpoints.
      PostgresServer.await(
          () -> {
            deployment.sql("CHECKPOINT");
            return deployment
                .query("SELECT invalidation_reason FROM pg_replication_slots")
                .equals("idle_timeout");
          });
      assertThatThrownBy(() -> deployment.invoke("{\"action\":\"poll\"}"))
          .hasMessageStartingWith("SLOT_LOST: ")
          .hasMessageContaining("invalidation_reason idle_timeout")
          .hasMessageContaining("nothing had read the slot for that long")
          .hasMessageEndingWith("Changes are missing from the stream.");
      assertThat(deployment.invoke("{\"action\":\"status\"}").path("outcome").asText())
          .isEqualTo("BROKEN");
    }
  }

  private static void assertWarns(JsonNode answer) {
    assertThat(answer.path("findings").findValuesAsText("code")).contains("IDLE_LIMIT_SHORT");
    assertThat(answer.path("findings").findValuesAsText("message"))
        .anyMatch(message -> message.startsWith("idle_replication_slot_timeout is 1 s: "));
  }
}

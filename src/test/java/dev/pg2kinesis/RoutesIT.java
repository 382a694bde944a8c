package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.kinesis.KinesisEndpoint;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/** The whole function with two streams. */
class RoutesIT {

  @RegisterExtension static final KinesisLocal local = KinesisLocal.forClass();

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final int ROUNDS = 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PostgresServer server = PostgresServer.shared(18);
  private final FakeKinesis fake = FakeKinesis.start();
  private LocalDeployment deployment = LocalDeployment.on(server, fake, 1);
  private String audit = "";

  @AfterEach
  void stop() {
    fake.close();
  }

  private void deploy(KinesisEndpoint kinesis) {
    deployment = LocalDeployment.on(server, kinesis, 2).withSlot("test_decoding");
    audit = deployment.stream() + "-audit";
    kinesis.addStream(audit, 2);
    deployment.with("ROUTES", "public.audit_*: " + audit + "; message:audit.*: " + audit);
    deployment.sql(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "CREATE TABLE audit_1 (id int PRIMARY KEY, v int)");
  }

  @Test
  void eachChangeGoesToItsStream() throws IOException {
    deploy(local);
    deployment.sql(
        "INSERT INTO t VALUES (1, 1)",
        "BEGIN; INSERT INTO audit_1 VALUES (1, 1); INSERT INTO t VALUES (2, 1); COMMIT",
        "SELECT pg_logical_emit_message(true, 'audit.x', 'routed')",
        "SELECT pg_logical_emit_message(false, 'other', 'not routed')",
        "TRUNCATE t, audit_1");

    JsonNode peeked = deployment.invoke("{\"action\":\"peek\"}");
    JsonNode report = deployment.invoke(POLL);

    assertThat(keys(deployment.newRecords()))
        .containsExactlyInAnyOrder("public.t|1", "public.t|2", "message|other", "public.t");
    assertThat(keys(deployment.newRecords(audit)))
        .containsExactlyInAnyOrder("public.audit_1|1", "message|audit.x", "public.audit_1");
    for (JsonNode shown : peeked.path("records")) {
      boolean routed = shown.path("partitionKey").asText().contains("audit");
      assertThat(shown.path("stream").asText("")).isEqualTo(routed ? audit : "");
    }
    assertThat(report.path("records").asInt()).isEqualTo(7);
    assertThat(report.path("streams").path(deployment.stream()).path("records").asInt())
        .isEqualTo(4);
    assertThat(report.path("streams").path(audit).path("records").asInt()).isEqualTo(3);
    JsonNode line = JSON.readTree(deployment.log().get(deployment.log().size() - 1));
    assertThat(line.path("streams")).isEqualTo(report.path("streams"));
    assertThat(line.findValuesAsText("Name")).contains("Records").doesNotContain("streams");

    JsonNode status = deployment.invoke("{\"action\":\"status\"}");
    assertThat(status.path("stream").path("name").asText()).isEqualTo(deployment.stream());
    assertThat(status.path("routedStreams").path(audit).path("openShards").asInt()).isEqualTo(2);
  }

  private static List<String> keys(List<Record> records) {
    return records.stream().map(Record::partitionKey).toList();
  }

  @Test
  void withoutRoutesNothingSpeaksOfStreams() {
    deploy(fake);
    deployment.without("ROUTES");
    deployment.sql("INSERT INTO audit_1 VALUES (1, 1)");

    assertThat(deployment.invoke("{\"action\":\"peek\"}").path("records").path(0).has("stream"))
        .isFalse();
    assertThat(deployment.invoke("{\"action\":\"status\"}").has("routedStreams")).isFalse();
    assertThat(deployment.invoke(POLL).has("streams")).isFalse();
    assertThat(deployment.newRecords()).hasSize(1);
    assertThat(deployment.newRecords(audit)).isEmpty();
    assertThat(deployment.log().toString()).doesNotContain("streams");
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "strict"})
  void eachKeyKeepsItsOrderInItsStream(String ordering) throws IOException {
    deploy(local);
    deployment.with("ORDERING", ordering).with("WINDOW_ROWS", "20");
    writeRounds();

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertVersions(deployment.newRecords(), "public.t|", true);
    assertVersions(deployment.newRecords(audit), "public.audit_1|", true);
  }

  /** Each transaction changes every row of both tables. */
  private void writeRounds() {
    deployment.sql(
        "INSERT INTO t SELECT i, 0 FROM generate_series(1, 5) i",
        "INSERT INTO audit_1 SELECT i, 0 FROM generate_series(1, 5) i");
    for (int i = 1; i < ROUNDS; i++) {
      deployment.sql("BEGIN; UPDATE t SET v = v + 1; UPDATE audit_1 SET v = v + 1; COMMIT");
    }
  }

  private static void assertVersions(List<Record> records, String table, boolean once)
      throws IOException {
    Map<String, List<Integer>> versions = new HashMap<>();
    for (Record r : records) {
      int version = JSON.readTree(r.data().asByteArray()).path("after").path("v").asInt();
      List<Integer> seen = versions.computeIfAbsent(r.partitionKey(), key -> new ArrayList<>());
      // A consumer drops what is not newer than what it has.
      if (once || seen.isEmpty() || version > seen.get(seen.size() - 1)) {
        seen.add(version);
      }
    }
    assertThat(versions).hasSize(5);
    versions.forEach(
        (key, seen) -> {
          assertThat(key).startsWith(table);
          assertThat(seen).hasSize(ROUNDS).isSorted();
        });
  }

  /** Throttled for good, deleted, or forbidden while a run publishes. */
  @ParameterizedTest
  @CsvSource({
    "throttled, true",
    "throttled, false",
    "ResourceNotFoundException, true",
    "ResourceNotFoundException, false",
    "AccessDeniedException, true",
    "AccessDeniedException, false"
  })
  void oneStreamThatFailsHoldsTheSlotAndLosesNothing(String fault, boolean routed)
      throws IOException {
    deploy(fake);
    // Half of the time limit is enough for what is published, and is over soon where it is not.
    deployment.with("TIME_RESERVE_MS", "1000").with("WINDOW_ROWS", "20");
    deployment.invoke(POLL);
    String before = deployment.position();
    String failing = routed ? audit : deployment.stream();
    String healthy = routed ? deployment.stream() : audit;
    fake.setFaults(
        failing, fault.equals("throttled") ? throttled() : () -> CallFault.refuse(400, fault));
    deployment.sql(
        "INSERT INTO " + (routed ? "t" : "audit_1") + " VALUES (0, 0)",
        "DELETE FROM t WHERE id = 0",
        "DELETE FROM audit_1 WHERE id = 0");
    writeRounds();

    Throwable failure = catchThrowable(() -> deployment.invoke(POLL, 3_000));

    if (fault.equals("throttled")) {
      assertThat(failure).isNull();
    } else {
      assertThat(failure).hasMessageContaining("stream " + failing + ": " + fault);
    }
    // The first transaction needs only the healthy stream.
    assertThat(deployment.position()).isNotEqualTo(before);
    assertThat(deployment.newRecords(failing)).isEmpty();
    List<Record> seen = new ArrayList<>(deployment.newRecords(healthy));
    assertThat(seen).isNotEmpty();

    fake.setFaults(failing, Faults.NONE);
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");

    seen.addAll(deployment.newRecords(healthy));
    seen.removeIf(r -> r.partitionKey().endsWith("|0"));
    List<Record> late = new ArrayList<>(deployment.newRecords(failing));
    late.removeIf(r -> r.partitionKey().endsWith("|0"));
    assertVersions(seen, routed ? "public.t|" : "public.audit_1|", false);
    assertVersions(late, routed ? "public.audit_1|" : "public.t|", false);
  }

  private static Faults throttled() {
    return new Faults() {
      @Override
      public CallFault nextCall() {
        return CallFault.NONE;
      }

      @Override
      public @Nullable String nextEntry() {
        return "ProvisionedThroughputExceededException";
      }
    };
  }

  @Test
  void everyStreamThatIsMissingIsNamedBeforeAnythingIsPublished() {
    deploy(fake);
    deployment.with("ROUTES", "a: nowhere; b: " + audit + "; c: neither");
    deployment.sql("INSERT INTO t VALUES (1, 1)");
    String before = deployment.position();

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("STREAM_MISSING: stream nowhere: ")
        .hasMessageContaining("; stream neither: ");

    assertThat(deployment.newRecords()).isEmpty();
    assertThat(deployment.position()).isEqualTo(before);
    JsonNode status = deployment.invoke("{\"action\":\"status\"}");
    assertThat(status.path("outcome").asText()).isEqualTo("BROKEN");
    assertThat(status.path("findings").toString())
        .contains("stream nowhere: ")
        .contains("stream neither: ");
  }
}

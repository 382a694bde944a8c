package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.relay.RelayCrashTest;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The invariants of {@code src/docs/architecture.md}, one test each, with the whole function on a
 * real server. I5, the pure middle, is {@link ArchitectureTest}; every point a run can die at is in
 * {@link RelayCrashTest}.
 */
class InvariantsIT {

  private static final String POLL = "{\"action\":\"poll\"}";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PostgresServer server = PostgresServer.shared(18);
  private FakeKinesis kinesis;
  private LocalDeployment deployment;

  @BeforeEach
  void deploy() {
    kinesis = FakeKinesis.start();
    deployment = LocalDeployment.on(server, kinesis, 4).withSlot("test_decoding");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY, v int, s text)");
  }

  @AfterEach
  void stop() {
    kinesis.close();
  }

  @Test
  void i1TheSlotAdvancesOnlyAfterPublishing() {
    deployment.invoke(POLL);
    deployment.sql("INSERT INTO t VALUES (1, 1)");
    String before = deployment.position();
    kinesis.setFaults(() -> CallFault.refuse(400, "AccessDeniedException"));

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("STREAM_ACCESS_DENIED");

    assertThat(deployment.position()).isEqualTo(before);
    kinesis.setFaults(Faults.NONE);
    assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(1);
    assertThat(deployment.newRecords()).hasSize(1);
    assertThat(deployment.position()).isNotEqualTo(before);
  }

  @Test
  void i2EachKeyKeepsItsOrderThroughPartialFailures() throws IOException {
    deployment.sql("INSERT INTO t SELECT i, 0 FROM generate_series(1, 20) i");
    for (int i = 0; i < 25; i++) {
      deployment.sql("UPDATE t SET v = v + 1");
    }
    kinesis.setFaults(Faults.seeded(2, 0.05, 0.2, CallFault.refuse(500, "InternalFailure")));

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("retriedRecords").asInt()).isPositive();
    Map<String, List<Integer>> versions = new HashMap<>();
    for (Record r : deployment.newRecords()) {
      versions
          .computeIfAbsent(r.partitionKey(), k -> new ArrayList<>())
          .add(JSON.readTree(r.data().asByteArray()).path("after").path("v").asInt());
    }
    assertThat(versions).hasSize(20);
    versions.values().forEach(InvariantsIT::assertReplayed);
  }

  /** All there, the newest last, and after an older version every later one once more. */
  private static void assertReplayed(List<Integer> versions) {
    assertThat(new TreeSet<>(versions)).hasSize(26);
    assertThat(versions.get(versions.size() - 1)).isEqualTo(25);
    for (int i = 0; i < versions.size(); i++) {
      int version = versions.get(i);
      if (version < 25) {
        assertThat(versions.subList(i + 1, versions.size())).contains(version + 1);
      }
    }
  }

  @Test
  void i3TheSlotIsTheOnlyState() {
    for (int i = 0; i < 3; i++) {
      deployment.sql("INSERT INTO t VALUES (" + i + ", 0)");
      deployment.with("TIME_RESERVE_MS", Integer.toString(1000 + i)); // a new, cold handler
      assertThat(deployment.invoke(POLL).path("records").asInt()).isEqualTo(1);
    }
    assertThat(deployment.newRecords()).hasSize(3);
  }

  @Test
  void i4OnlyOneRunAtATime() {
    deployment.sql("INSERT INTO t VALUES (1, 1)");
    try (Slot other =
        PostgresSlot.open(
            server.login(deployment.database()),
            deployment.slot(),
            List.of(),
            2,
            Duration.ofMinutes(1))) {
      assertThat(other.plugin()).isNotNull();
      assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("BUSY");
      assertThat(deployment.newRecords()).isEmpty();
    }
    assertThat(deployment.invoke(POLL).path("outcome").asText()).isEqualTo("CAUGHT_UP");
  }

  @Test
  void i6AReplayIsByteIdenticalWhateverTheSession() {
    deployment.sql(
        "CREATE TABLE moments (id int PRIMARY KEY, a timestamptz, b interval, c bytea, d float8,"
            + " e money)",
        "INSERT INTO moments VALUES"
            + " (1, '2026-01-02 03:04:05.678901+01', '1 mon -2 days', '\\x00ff', 0.1, 1234.5)",
        "UPDATE moments SET d = 1e-300 / 3");
    JsonNode first = deployment.invoke("{\"action\":\"peek\"}");
    deployment.sql(
        "ALTER DATABASE " + deployment.database() + " SET TimeZone = 'Asia/Kathmandu'",
        "ALTER DATABASE " + deployment.database() + " SET DateStyle = 'German'",
        "ALTER DATABASE " + deployment.database() + " SET extra_float_digits = -15",
        "ALTER DATABASE " + deployment.database() + " SET search_path = 'nowhere'");

    JsonNode again = deployment.invoke("{\"action\":\"peek\"}");

    assertThat(again.path("records")).hasSize(2).isEqualTo(first.path("records"));
    assertThat(again.path("records").findValuesAsText("ordinal")).containsExactly("0", "0");
  }

  @Test
  void i7NothingIsSkippedSilently() {
    deployment.sql(
        "INSERT INTO t VALUES (1, 1)", "INSERT INTO t SELECT 2, 2, repeat('s', 2000000)");

    assertThatThrownBy(() -> deployment.invoke(POLL))
        .hasMessageStartingWith("RECORD_TOO_LARGE")
        .hasMessageContaining("public.t");
    String stuck = deployment.position();
    assertThat(deployment.newRecords()).hasSize(1);
    assertThatThrownBy(() -> deployment.invoke(POLL)).hasMessageStartingWith("RECORD_TOO_LARGE");
    assertThat(deployment.position()).isEqualTo(stuck);

    JsonNode report = deployment.with("OVERSIZE", "marker").invoke(POLL);
    assertThat(report.path("oversized").asInt()).isEqualTo(1);
    assertThat(deployment.newPayloads()).singleElement().asString().contains("\"oversize\":");
  }

  @Test
  void i8NoRowValuesOrSecretsAreLogged() {
    String value = "cafebabe-value-of-a-row";
    String password = "cafebabe-password";
    deployment.sql("INSERT INTO t SELECT 1, 1, repeat('" + value + "', 100000)");
    Throwable oversize = catchThrowable(() -> deployment.invoke(POLL));
    deployment.with("OVERSIZE", "marker");
    deployment.invoke(POLL);
    deployment.with("PGPASSWORD", password).with("PGPORT", "1");
    Throwable unreachable = catchThrowable(() -> deployment.invoke(POLL));
    deployment.without("PGHOST");
    Throwable unset = catchThrowable(() -> deployment.invoke(POLL));

    StringBuilder all = new StringBuilder(String.join("\n", deployment.log()));
    for (Throwable thrown : List.of(oversize, unreachable, unset)) {
      for (Throwable t = thrown; t != null; t = t.getCause()) {
        all.append(t).append('\n');
      }
    }
    assertThat(all.toString()).contains("_aws").doesNotContain(value).doesNotContain(password);
  }

  @Test
  void i9AWindowIsBoundedInWalAndRows() {
    deployment.with("WINDOW_WAL_MB", "1").with("WINDOW_ROWS", "10");
    deployment.sql(
        "CREATE TABLE noise AS SELECT i, repeat('x', 500) AS x FROM generate_series(1, 20000) i",
        "DROP TABLE noise");

    JsonNode report = deployment.invoke(POLL);

    assertThat(report.path("outcome").asText()).isEqualTo("CAUGHT_UP");
    // 1, 2, 4 and 8 MiB of WAL at the most cover what is more than 11 MB.
    assertThat(report.path("windows").asInt()).isBetween(4, 8);
  }
}

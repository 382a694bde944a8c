package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import dev.pg2kinesis.slot.Undecodable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A transaction that the server cannot decode, among ten that it can: those before it are
 * published, the error names it, {@code skip} passes it, and the rest is published; all once.
 */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 15, 18})
class UndecodableTransactionIT {

  private static final Pattern SKIP =
      Pattern.compile("\\{\"action\":\"skip\",\"to\":\"([0-9A-F]+/[0-9A-F]+)\"}");

  private static @Nullable PostgresServer ofThisMajor;
  private static @Nullable FakeKinesis stream;

  @Parameter int major;

  private final PostgresServer server = Objects.requireNonNull(ofThisMajor);
  private final FakeKinesis kinesis = Objects.requireNonNull(stream);

  @BeforeAll
  static void startKinesis() {
    stream = FakeKinesis.start();
  }

  @AfterAll
  static void stopKinesis() {
    Objects.requireNonNull(stream).close();
  }

  @BeforeParameterizedClassInvocation
  static void start(int major) {
    boolean wal2Json = major == Wal2Json.MAJOR && Wal2Json.isInstalled();
    ofThisMajor = PostgresServer.start(major, wal2Json ? Wal2Json.settings() : Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    Objects.requireNonNull(ofThisMajor).close();
  }

  static Stream<Arguments> cases() {
    return Stream.of(Undecodable.values())
        .flatMap(
            kind ->
                Stream.of("pgoutput", "test_decoding", "wal2json", "wal2json 1")
                    .map(plugin -> Arguments.of(kind, plugin)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void stopsTheRunsUntilItIsSkipped(Undecodable kind, String plugin) {
    assumeTrue(kind.isIn(major, plugin), "the plugin does not fail at it");
    boolean wal2Json = plugin.startsWith("wal2json");
    assumeTrue(!wal2Json || (major == Wal2Json.MAJOR && Wal2Json.isInstalled()), Wal2Json::missing);
    LocalDeployment deployment =
        LocalDeployment.on(server, kind.createDatabase(server), kinesis, 1)
            .withSlot(plugin.split(" ", -1)[0])
            .with("PUBLICATION_NAMES", "p")
            .with("FORMAT", "csv-payload")
            .with("OPERATIONS", "insert,update,delete,truncate")
            .with("WAL2JSON_FORMAT_VERSION", plugin.endsWith(" 1") ? "1" : "2");
    IntStream.rangeClosed(1, 9).forEach(id -> deployment.sql(kind.good(id)));
    deployment.sql(kind.bad(10));
    deployment.sql(kind.good(11));

    assertThat(deployment.invoke("{\"action\":\"peek\"}").path("records")).hasSize(9);
    String skip = assertPollFails(deployment, kind);
    assertThat(keys(deployment)).isEqualTo(keys(1, 9));
    assertThat(assertPollFails(deployment, kind)).isEqualTo(skip);
    assertThat(deployment.newRecords()).isEmpty();

    JsonNode skipped = deployment.invoke(skip);
    assertThat(skipped.path("outcome").asText()).isEqualTo("SKIPPED");
    assertThat(skipped.path("sqlState").asText()).isEqualTo(kind.sqlState);
    assertThat(deployment.position()).isEqualTo(skipped.path("toLsn").asText());
    assertThat(deployment.invoke("{}").path("outcome").asText()).isEqualTo("CAUGHT_UP");
    assertThat(keys(deployment)).isEqualTo(keys(11, 11));
  }

  /** Returns the event that the error ends with. */
  private static String assertPollFails(LocalDeployment deployment, Undecodable kind) {
    Throwable failure = catchThrowable(() -> deployment.invoke("{}"));
    assertThat(failure)
        .hasMessageStartingWith("TRANSACTION_UNDECODABLE: ")
        .hasMessageContaining("SQLSTATE " + kind.sqlState)
        .hasMessageContaining("Nothing is lost")
        .hasMessageNotContaining("secret")
        .hasNoCause();
    Matcher skip = SKIP.matcher(String.valueOf(failure.getMessage()));
    assertThat(skip.find()).isTrue();
    return skip.group();
  }

  private static List<String> keys(LocalDeployment deployment) {
    return deployment.newPayloads().stream()
        .map(payload -> payload.replaceAll(".*\"pkey\": \"([^\"]*)\".*", "$1"))
        .toList();
  }

  private static List<String> keys(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
  }
}

package dev.pg2kinesis.tail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** {@code scripts/tail} against streams that the function has published to. */
class TailIT {

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  private record Run(int exit, List<String> lines) {}

  private static Run tail(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.util.logging.config.file=src/test/resources/logging.properties",
                "-cp",
                System.getProperty("java.class.path"),
                Tail.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("AWS_REGION", "us-east-1");
    builder.environment().put("AWS_ACCESS_KEY_ID", "test");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "test");
    builder.environment().put("AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString());
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    return new Run(process.waitFor(), lines);
  }

  private static LocalDeployment deployed(String packing) {
    LocalDeployment deployment =
        LocalDeployment.on(PostgresServer.shared(15), kinesis, 2)
            .with("FORMAT", "csv")
            .with("PACKING", packing)
            .withSlot("test_decoding");
    deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
    return deployment;
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "lines", "kpl"})
  void printsEveryChangeHoweverItIsPacked(String packing) throws Exception {
    LocalDeployment deployment = deployed(packing);
    deployment.sql("INSERT INTO t SELECT generate_series(1, 40)");
    deployment.invoke("{\"action\":\"poll\"}");

    Run run = tail(deployment.stream(), "--from-start", "--no-follow");

    assertThat(run.exit()).as(run.lines().toString()).isZero();
    assertThat(run.lines())
        .extracting(line -> line.substring(line.indexOf("public.t")))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 40).mapToObj(i -> "public.t,INSERT," + i).toList());
  }

  @Test
  void readsParentsBeforeTheirChildren() throws Exception {
    LocalDeployment deployment = deployed("none").with("PARTITION_KEY", "constant");
    deployment.sql("INSERT INTO t SELECT generate_series(1, 5)");
    deployment.invoke("{\"action\":\"poll\"}");
    try (KinesisClient client = kinesis.client()) {
      List<String> shards =
          client.listShards(r -> r.streamName(deployment.stream())).shards().stream()
              .map(shard -> shard.shardId())
              .toList();
      client.mergeShards(
          r ->
              r.streamName(deployment.stream())
                  .shardToMerge(shards.get(0))
                  .adjacentShardToMerge(shards.get(1)));
      client.waiter().waitUntilStreamExists(r -> r.streamName(deployment.stream()));
    }
    deployment.sql("INSERT INTO t SELECT generate_series(6, 10)");
    deployment.invoke("{\"action\":\"poll\"}");

    Run run = tail(deployment.stream(), "--from-start", "--no-follow", "--keys");

    assertThat(run.lines())
        .extracting(line -> line.substring(line.lastIndexOf(',') + 1))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 10).mapToObj(Integer::toString).toList());
    assertThat(run.lines())
        .extracting(line -> line.split("\t", -1)[2])
        .containsOnly(deployment.slot());
  }

  @Test
  void stopsAfterTheCount() throws Exception {
    LocalDeployment deployment = deployed("none");
    deployment.sql("INSERT INTO t SELECT generate_series(1, 9)");
    deployment.invoke("{\"action\":\"poll\"}");

    assertThat(tail(deployment.stream(), "--from-start", "--count", "4").lines()).hasSize(4);
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    Run missing = tail("no-such-stream", "--from-start");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.lines()).singleElement().asString().startsWith("tail: ");

    Run usage = tail("a", "--sideways");
    assertThat(usage.exit()).isEqualTo(2);
    assertThat(usage.lines())
        .containsExactly("tail: unexpected argument --sideways; see scripts/tail --help");
    assertThat(tail().lines()).containsExactly("tail: which stream?; see scripts/tail --help");
  }
}

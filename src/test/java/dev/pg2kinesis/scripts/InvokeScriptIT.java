package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.FakeAws.Answer;
import dev.pg2kinesis.scripts.Script.Ended;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code scripts/invoke} and {@code scripts/drain} with the real AWS CLI. */
class InvokeScriptIT {

  private static Path cli;

  private final Deque<Answer> answers = new ArrayDeque<>();
  private FakeAws aws;

  @BeforeAll
  static void install() {
    cli = Venv.aws();
  }

  @BeforeEach
  void start() {
    aws = new FakeAws(stack -> Map.of(), invocation -> answers.remove());
  }

  @AfterEach
  void stop() {
    aws.close();
  }

  private Ended run(String script, String... arguments) {
    return new Script("bash", script, "--wait", "0")
        .arguments(arguments)
        .finding(cli)
        .with("AWS_ENDPOINT_URL", aws.endpoint().toString())
        .with("AWS_ACCESS_KEY_ID", "test")
        .with("AWS_SECRET_ACCESS_KEY", "test")
        .with("AWS_DEFAULT_REGION", FakeAws.REGION)
        .run();
  }

  @Test
  void waitsOutThrottlingAndPrintsTheResult() {
    answers.addAll(
        List.of(
            new Answer.Throttled(),
            new Answer.Throttled(),
            new Answer.Result("{\"action\":\"peek\",\"outcome\":\"CAUGHT_UP\"}")));

    Ended ended = run("scripts/invoke", "--function", "orders", "peek", "{\"limit\":3}");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out())
        .isEqualTo("{\n  \"action\": \"peek\",\n  \"outcome\": \"CAUGHT_UP\"\n}\n");
    assertThat(aws.invocations())
        .hasSize(3)
        .containsOnly(new FakeAws.Invocation("orders", "{\"action\":\"peek\",\"limit\":3}"));
  }

  @Test
  void endsAsTheFunctionDoes() {
    answers.add(new Answer.FunctionError("{\"errorMessage\":\"SLOT_MISSING: there is no slot.\"}"));

    Ended ended = run("scripts/invoke", "poll");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("poll failed: SLOT_MISSING: there is no slot.");
  }

  @Test
  void invokesOnceWhenTheConnectionBreaks() {
    answers.addAll(List.of(new Answer.Broken(), new Answer.Result("{}")));

    Ended ended = run("scripts/invoke", "drop-slot", "{\"confirm\":\"pg2kinesis\"}");

    assertThat(ended.status()).as(ended.text()).isEqualTo(4);
    assertThat(aws.invocations()).hasSize(1);
  }

  @Test
  void drainsThroughThrottlingAndBrokenConnections() {
    answers.addAll(
        List.of(
            new Answer.Throttled(),
            new Answer.Broken(),
            new Answer.Result(result("DEADLINE", "0/0", "0/100000", 1 << 20)),
            new Answer.Throttled(),
            new Answer.Result(result("CAUGHT_UP", "0/100000", "0/200000", 0))));

    Ended ended = run("scripts/drain");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out()).contains("The slot is empty: 2 runs, 2 records, 2.0 MB of WAL");
  }

  private static String result(String outcome, String from, String to, long lag) {
    return String.format(
        "{\"outcome\":\"%s\",\"records\":1,\"fromLsn\":\"%s\",\"toLsn\":\"%s\",\"lagBytes\":%d,"
            + "\"durationMs\":1000}",
        outcome, from, to, lag);
  }
}

package dev.pg2kinesis.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/invoke} with an AWS CLI whose answers the test writes. */
class InvokeScriptTest {

  private static final String BUSY = "{\"action\":\"poll\",\"outcome\":\"BUSY\"}";

  @TempDir Path directory;

  private StubAws aws;

  @BeforeEach
  void stub() {
    aws = new StubAws(directory);
  }

  private Ended invoke(String... arguments) {
    return new Script("bash", "scripts/invoke", "--wait", "0")
        .arguments(arguments)
        .finding(directory)
        .run();
  }

  @Test
  void sendsTheActionOnceAndPrintsTheResult() {
    aws.result("{\"action\":\"status\",\"outcome\":\"HEALTHY\",\"findings\":[]}");

    Ended ended = invoke("status");

    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            {
              "action": "status",
              "outcome": "HEALTHY",
              "findings": []
            }
            """);
    assertThat(ended.err()).isEmpty();
    assertThat(aws.calls())
        .containsExactly(
            "lambda invoke --function-name pg2kinesis --payload {\"action\":\"status\"}"
                + " --cli-read-timeout 0 --output json FILE");
  }

  @Test
  void addsTheFieldsThatAreGiven() {
    aws.result("{}");

    invoke(
        "--function",
        "orders",
        "drop-slot",
        "{\"confirm\":\"it's \\\"x\\\"\",\"action\":\"poll\"}");

    assertThat(aws.calls())
        .singleElement()
        .asString()
        .contains("--function-name orders")
        .contains("{\"action\":\"drop-slot\",\"confirm\":\"it's \\\"x\\\"\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "confirm=x", "{", ""})
  void takesNothingButAnObject(String json) {
    Ended ended = invoke("drop-slot", json);

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("must be one JSON object");
    assertThat(aws.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TooManyRequestsException",
        "ResourceConflictException",
        "ResourceNotReadyException",
        "EC2ThrottledException"
      })
  void waitsWhileLambdaLetsNothingRun(String refusal) {
    String error = "An error occurred (" + refusal + ") when calling the Invoke operation: x";
    aws.notInvoked(StubAws.SERVICE_ERROR, error)
        .notInvoked(StubAws.SERVICE_ERROR, error)
        .result("{\"outcome\":\"CREATED\"}");

    Ended ended = invoke("create-slot");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("CREATED");
    assertThat(ended.err()).contains("Another run is at work; try 2 of 200 follows in 0 s");
    assertThat(aws.calls()).hasSize(3);
  }

  @Test
  void waitsWhileTheFunctionSaysThatAnotherRunHoldsTheSlot() {
    aws.result(BUSY)
        .functionError("{\"errorMessage\":\"BUSY: another session is decoding the slot.\"}")
        .result("{\"outcome\":\"CAUGHT_UP\"}");

    Ended ended = invoke("poll");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("CAUGHT_UP").doesNotContain("BUSY");
    assertThat(aws.calls()).hasSize(3);
  }

  @Test
  void givesUpAfterSoManyTries() {
    aws.notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED);

    Ended ended = invoke("--tries", "3", "status");

    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.err()).contains("another run was at work at each of 3 tries");
    assertThat(aws.calls()).hasSize(3);
  }

  @Test
  void showsCodeCauseAndRemedyOfAFailure() {
    aws.functionError(
        "{\"errorMessage\":\"SLOT_MISSING: there is no slot. Send create-slot.\",\"errorType\":\"x\","
            + "\"stackTrace\":[\"dev.pg2kinesis.Handler\"]}");

    Ended ended = invoke("poll");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            """
            scripts/invoke: poll failed: SLOT_MISSING: there is no slot. Send create-slot.
            src/docs/operations.md has more about SLOT_MISSING.
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-11-25T10:00:00Z 6f Task timed out after 300.00 seconds | raise TimeoutSeconds",
        "RequestId: 6f Error: Runtime exited with error: signal: killed | raise MemoryMb",
        "java.lang.OutOfMemoryError: Java heap space | raise MemoryMb",
      })
  void saysWhatToDoAboutLambdasOwnErrors(String message, String remedy) {
    aws.functionError("{\"errorMessage\":\"" + message + "\"}");

    Ended ended = invoke("poll");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains(message, remedy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Read timeout on endpoint URL: \"https://lambda\"",
        "Connection was closed before we received a valid response from endpoint URL: \"x\".",
        "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))"
      })
  void aBrokenConnectionIsNotTriedAgain(String error) {
    aws.notInvoked(255, error).result("{}");

    Ended ended = invoke("--function", "orders", "skip", "{\"to\":\"0/1\"}");

    assertThat(ended.status()).isEqualTo(4);
    assertThat(ended.err()).contains(error, "may be going on", "/aws/lambda/orders");
    assertThat(aws.calls()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "254 | An error occurred (ResourceNotFoundException) when calling Invoke | in this region?",
        "254 | An error occurred (AccessDeniedException) when calling Invoke | lambda:InvokeFunction",
        "253 | You must specify a region. | You must specify a region.",
        "255 | Could not connect to the endpoint URL: x | could not be invoked",
      })
  void saysWhyTheFunctionCouldNotBeInvoked(int status, String error, String text) {
    aws.notInvoked(status, error);

    Ended ended = invoke("status");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains(error, text);
    assertThat(aws.calls()).hasSize(1);
  }

  @Test
  void showsThatALongRunIsGoingOn() throws Exception {
    Path go = directory.resolve("go");
    Process process =
        new ProcessBuilder(
                "bash",
                "scripts/invoke",
                "--target",
                "until [ -e " + go + " ]; do sleep 0.1; done; echo '{\"outcome\":\"CREATED\"}'",
                "create-slot")
            .start();
    process.getOutputStream().close();
    try (BufferedReader errors = process.errorReader(UTF_8)) {
      assertThat(errors.readLine()).startsWith("create-slot, running for 0:0");
      Files.createFile(go);
      assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).contains("CREATED");
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void runsACommandInsteadOfTheFunction() {
    Ended ended = invoke("--target", "cat", "peek", "{\"limit\":3}");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("{\n  \"action\": \"peek\",\n  \"limit\": 3\n}\n");
    assertThat(invoke("--target", "echo broken >&2; exit 7", "peek").err())
        .contains("the target failed", "broken");
    assertThat(aws.calls()).isEmpty();
  }

  @Test
  void leavesNothingBehind() throws Exception {
    aws.functionError("{\"errorMessage\":\"GAP: x\"}");
    Path temporary = Files.createDirectory(directory.resolve("tmp"));

    new Script("bash", "scripts/invoke", "poll")
        .finding(directory)
        .with("TMPDIR", temporary.toString())
        .run();

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void saysHowItIsUsed() {
    assertThat(invoke("--help").out()).startsWith("usage: scripts/invoke [options] ACTION [JSON]");
    assertThat(invoke("--help").status()).isZero();
    assertThat(invoke().status()).isEqualTo(2);
    assertThat(invoke("--no-such-option").status()).isEqualTo(2);
    assertThat(invoke("--tries", "many", "poll").status()).isEqualTo(2);
    assertThat(invoke("poll", "{}", "{}").status()).isEqualTo(2);
  }
}

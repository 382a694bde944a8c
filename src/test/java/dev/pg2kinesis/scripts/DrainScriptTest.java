package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/drain} with an AWS CLI whose answers the test writes. */
class DrainScriptTest {

  private static final String BUSY = "{\"action\":\"drain\",\"outcome\":\"BUSY\"}";

  @TempDir Path directory;

  private StubAws aws;

  @BeforeEach
  void stub() {
    aws = new StubAws(directory);
  }

  private static String result(
      String outcome, int records, String from, String to, long lag, long millis) {
    return String.format(
        "{\"action\":\"drain\",\"outcome\":\"%s\",\"windows\":1,\"records\":%d,\"bytes\":9,"
            + "\"fromLsn\":\"%s\",\"toLsn\":\"%s\",\"lagBytes\":%d,\"durationMs\":%d}",
        outcome, records, from, to, lag, millis);
  }

  private Ended drain(String... arguments) {
    return new Script("bash", "scripts/drain")
        .arguments("--wait", "0")
        .arguments(arguments)
        .finding(directory)
        .run();
  }

  @Test
  void invokesUntilTheSlotIsEmptyAndShowsWhatIsLeft() {
    aws.result(result("DEADLINE", 100, "0/FFF00000", "1/00000000", 3 << 20, 1_000))
        .result(BUSY)
        .notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED)
        .result(result("DEADLINE", 100, "1/0", "1/00200000", 1 << 20, 2_000))
        .result(result("CAUGHT_UP", 50, "1/00200000", "1/00300000", 0, 1_000));

    Ended ended = drain("--function", "orders");

    assertThat(ended.out().lines())
        .containsExactly(
            "[#######                       ]  25%  3.0 MB left, 1.0 MB/s, 0:00:03 to go",
            "[######################        ]  75%  1.0 MB left, 1.0 MB/s, 0:00:01 to go",
            "[##############################] 100%  0.0 MB left, 1.0 MB/s, 0:00:00 to go",
            "The slot is empty: 3 runs, 250 records, 4.0 MB of WAL in 0:00:04.");
    assertThat(ended.status()).isZero();
    assertThat(aws.calls())
        .hasSize(5)
        .allSatisfy(
            call ->
                assertThat(call)
                    .startsWith(
                        "lambda invoke --function-name orders --payload {\"action\":\"drain\"}"));
  }

  @Test
  void givesUpWhileAnotherRunIsAtWorkForTooLong() {
    aws.result(BUSY).notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED);

    Ended ended = drain("--tries", "2");

    assertThat(ended.err()).contains("another run was at work at each of 2 tries");
    assertThat(ended.status()).isEqualTo(3);
    assertThat(aws.calls()).hasSize(2);
  }

  @Test
  void givesUpWithoutProgress() {
    aws.result(result("DEADLINE", 0, "1/0", "1/0", 10, 1_000));

    Ended ended = drain();

    assertThat(ended.err()).contains("without progress");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(aws.calls()).hasSize(3);
  }

  @Test
  void showsWhyARunFailed() {
    aws.functionError("{\"errorMessage\":\"SLOT_MISSING: x\"}");

    Ended ended = drain();

    assertThat(ended.err()).contains("drain failed: SLOT_MISSING: x");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(aws.calls()).hasSize(1);
  }

  @Test
  void goesOnWhenAConnectionBreaks() {
    String broken = "Connection was closed before we received a valid response from endpoint URL";
    aws.notInvoked(255, broken)
        .notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED)
        .result(result("CAUGHT_UP", 1, "1/0", "1/1", 0, 5));

    Ended ended = drain();

    assertThat(ended.out()).contains("The slot is empty: 1 runs, 1 records");
    assertThat(ended.status()).isZero();
  }

  @Test
  void givesUpWhenEveryConnectionBreaks() {
    aws.notInvoked(255, "Read timeout on endpoint URL: x");

    Ended ended = drain();

    assertThat(ended.status()).isEqualTo(4);
    assertThat(aws.calls()).hasSize(3);
  }

  @Test
  void refusesWhatIsNoResult() {
    aws.result("{\"outcome\":\"HEALTHY\"}");

    assertThat(drain().err()).contains("not a result of the function", "HEALTHY");
  }

  @Test
  void runsACommandInsteadOfTheFunction() {
    Script.program(
        directory,
        "target",
        "#!/bin/sh\ncat >&2\necho '" + result("CAUGHT_UP", 1, "1/0", "1/1", 0, 5) + "'\n");

    Ended ended = drain("--target", directory.resolve("target").toString());

    assertThat(ended.out()).contains("The slot is empty: 1 runs, 1 records");
    assertThat(aws.calls()).isEmpty();
  }

  @Test
  void saysHowItIsUsed() {
    assertThat(drain("--help").out()).startsWith("usage: scripts/drain [options]");
    assertThat(drain("--help").status()).isZero();
    assertThat(drain("some-function").status()).isEqualTo(2);
    assertThat(drain("--wait").status()).isEqualTo(2);
  }
}

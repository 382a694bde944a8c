package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/snapshot} with an AWS CLI whose answers the test writes. */
class SnapshotScriptTest {

  private static final String STARTED =
      "{\"action\":\"snapshot\",\"outcome\":\"STARTED\",\"tables\":[]}";

  @TempDir Path directory;

  private StubAws aws;

  @BeforeEach
  void stub() {
    aws = new StubAws(directory);
  }

  private static String drained(int rows) {
    return "{\"action\":\"drain\",\"outcome\":\"DEADLINE\",\"snapshotRows\":" + rows + "}";
  }

  private static String status(String state, String table) {
    return "{\"action\":\"status\",\"outcome\":\"HEALTHY\",\"snapshot\":{\"state\":\""
        + state
        + "\",\"tables\":["
        + table
        + "]}}";
  }

  private Ended snapshot(String... arguments) {
    return new Script("bash", "scripts/snapshot")
        .arguments("--wait", "0")
        .arguments(arguments)
        .finding(directory)
        .run();
  }

  @Test
  void startsAndInvokesUntilEverythingIsLoaded() {
    aws.result(STARTED)
        .result(drained(50))
        .result(
            status(
                "loading",
                "{\"table\":\"public.orders\",\"state\":\"reading\",\"rows\":50,\"estimate\":100,"
                    + "\"rowsPerSecond\":25,\"secondsLeft\":2}"))
        .notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED)
        .result(drained(48))
        .result(
            status(
                "done",
                "{\"table\":\"public.orders\",\"state\":\"done\",\"rows\":98,\"estimate\":100}"));

    Ended ended = snapshot("--restart", "public.orders", "audit.*");

    assertThat(ended.err()).doesNotContain("scripts/snapshot:");
    assertThat(ended.out().lines())
        .containsExactly(
            "[###############               ] 50%  50 of about 100 rows  public.orders 25 rows/s,"
                + " 2 s to go",
            "[############################# ] 98%  98 of about 100 rows", "Loaded: 98 rows.");
    assertThat(ended.status()).isZero();
    assertThat(aws.calls().get(0))
        .contains(
            "{\"action\":\"snapshot\",\"tables\":[\"public.orders\",\"audit.*\"],\"whole\":false,"
                + "\"restart\":true}");
  }

  @Test
  void goesOnWithoutTables() {
    aws.result(drained(0))
        .result(status("done", "{\"table\":\"public.t\",\"state\":\"done\",\"rows\":7}"));

    Ended ended = snapshot();

    assertThat(ended.out()).contains("Loaded: 7 rows.");
    assertThat(ended.status()).isZero();
    assertThat(aws.calls()).hasSize(2);
  }

  @Test
  void namesTablesThatFailed() {
    aws.result(drained(0))
        .result(
            status(
                "done",
                "{\"table\":\"public.t\",\"state\":\"failed\",\"rows\":7,"
                    + "\"problem\":\"TABLE_MISSING: gone\"}"));

    Ended ended = snapshot();

    assertThat(ended.err()).contains("public.t: TABLE_MISSING: gone");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void saysThatNothingWasStarted() {
    aws.result(drained(0)).result("{\"action\":\"status\",\"outcome\":\"HEALTHY\"}");

    Ended ended = snapshot();

    assertThat(ended.err()).contains("no snapshot was started; name its tables");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void showsWhyTheSnapshotWasRefused() {
    aws.functionError("{\"errorMessage\":\"SNAPSHOT_REFUSED: public.t has no primary key\"}");

    Ended ended = snapshot("public.t");

    assertThat(ended.err()).contains("SNAPSHOT_REFUSED: public.t has no primary key");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void stops() {
    aws.result("{\"action\":\"snapshot\",\"outcome\":\"STOPPED\",\"tables\":[]}");

    Ended ended = snapshot("--stop");

    assertThat(ended.out()).contains("STOPPED");
    assertThat(ended.status()).isZero();
    assertThat(aws.calls()).hasSize(1);
    assertThat(aws.calls().get(0)).contains("{\"action\":\"snapshot\",\"stop\":true}");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(snapshot("--everything").status()).isEqualTo(2);
    assertThat(snapshot("--stop", "t").status()).isEqualTo(2);
    assertThat(snapshot("--help").out()).startsWith("usage: scripts/snapshot");
  }
}

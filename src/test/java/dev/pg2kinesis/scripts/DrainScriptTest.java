package dev.pg2kinesis.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/drain} with a function whose answers the test writes. */
class DrainScriptTest {

  @TempDir Path directory;

  /** What the script printed, and its exit status. */
  private record Ended(int status, String text) {}

  private static String result(
      String outcome, int records, String from, String to, long lag, long millis) {
    return String.format(
        "{\"action\":\"drain\",\"outcome\":\"%s\",\"windows\":1,\"records\":%d,\"bytes\":9,"
            + "\"fromLsn\":\"%s\",\"toLsn\":\"%s\",\"lagBytes\":%d,\"durationMs\":%d}",
        outcome, records, from, to, lag, millis);
  }

  private static final String BUSY = "{\"action\":\"drain\",\"outcome\":\"BUSY\"}";

  /** A command that gives one answer after the other, and keeps the events it was given. */
  private String target(String... answers) throws IOException {
    for (int i = 0; i < answers.length; i++) {
      Files.writeString(directory.resolve("answer" + i), answers[i]);
    }
    String d = directory.toString();
    return "n=$(ls " + d + " | grep -c event); cat > " + d + "/event$n; cat " + d + "/answer$n";
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "scripts/drain"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().merge("PATH", directory.toString(), (old, own) -> own + ":" + old);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), text);
  }

  @Test
  void invokesUntilTheSlotIsEmptyAndShowsWhatIsLeft() throws Exception {
    String target =
        target(
            result("DEADLINE", 100, "0/FFF00000", "1/00000000", 3 << 20, 1_000),
            BUSY,
            result("DEADLINE", 100, "1/0", "1/00200000", 1 << 20, 2_000),
            result("CAUGHT_UP", 50, "1/00200000", "1/00300000", 0, 1_000));

    Ended ended = run("--target", target, "--wait", "0");

    assertThat(ended.text().lines())
        .containsExactly(
            "[#######                       ]  25%  3.0 MB left, 1.0 MB/s, 0:00:03 to go",
            "[######################        ]  75%  1.0 MB left, 1.0 MB/s, 0:00:01 to go",
            "[##############################] 100%  0.0 MB left, 1.0 MB/s, 0:00:00 to go",
            "The slot is empty: 3 runs, 250 records, 4.0 MB of WAL in 0:00:04.");
    assertThat(ended.status()).isZero();
    assertThat(directory.resolve("event0")).content().isEqualTo("{\"action\":\"drain\"}\n");
  }

  @Test
  void givesUpOnASlotThatIsHeld() throws Exception {
    Ended ended = run("--target", target(BUSY, BUSY), "--wait", "0", "--tries", "2");

    assertThat(ended.text()).contains("another run has held the slot for 2 tries");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void givesUpWithoutProgress() throws Exception {
    String none = result("DEADLINE", 0, "1/0", "1/0", 10, 1_000);

    Ended ended = run("--target", target(none, none, none));

    assertThat(ended.text()).contains("without progress");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void showsWhyARunFailed() throws Exception {
    Path aws = directory.resolve("aws");
    Files.writeString(
        aws,
        """
        #!/bin/sh
        for last; do :; done
        echo '{"errorMessage":"SLOT_MISSING: x"}' > "$last"
        echo '{"StatusCode":200,"FunctionError":"Unhandled"}'
        """);
    Files.setPosixFilePermissions(aws, PosixFilePermissions.fromString("rwxr-xr-x"));

    Ended ended = run("some-function");

    assertThat(ended.text()).contains("the run failed").contains("SLOT_MISSING: x");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void invokesThroughTheAwsCli() throws Exception {
    Path aws = directory.resolve("aws");
    Files.writeString(
        aws,
        "#!/bin/sh\necho \"$@\" > "
            + directory
            + "/arguments\nfor last; do :; done\necho '"
            + result("CAUGHT_UP", 1, "1/0", "1/1", 0, 5)
            + "' > \"$last\"\necho '{\"StatusCode\":200}'\n");
    Files.setPosixFilePermissions(aws, PosixFilePermissions.fromString("rwxr-xr-x"));

    Ended ended = run("some-function");

    assertThat(ended.text()).contains("The slot is empty: 1 runs, 1 records");
    assertThat(directory.resolve("arguments"))
        .content()
        .startsWith("lambda invoke --function-name some-function --payload {\"action\":\"drain\"}");
  }

  @Test
  void saysHowItIsUsed() throws Exception {
    assertThat(run("--help").text()).startsWith("usage: scripts/drain FUNCTION");
    assertThat(run("--help").status()).isZero();
    assertThat(run().status()).isEqualTo(1);
  }
}

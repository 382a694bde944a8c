package dev.pg2kinesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script;
import dev.pg2kinesis.scripts.Script.Ended;
import org.junit.jupiter.api.Test;

/** What {@code scripts/chaos} refuses before it starts anything. */
class ChaosOptionsTest {

  private static Ended chaos(String... arguments) {
    return new Script(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-Dwal2json.directory=/nowhere",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.pg2kinesis.chaos.Chaos")
        .arguments(arguments)
        .run();
  }

  @Test
  void wal2jsonThatIsAskedForAndNotThereIsNoViolation() {
    Ended ended = chaos("--plugin", "wal2json", "--seeds", "1");

    assertThat(ended.status()).as(ended.text()).isEqualTo(3);
    assertThat(ended.err()).contains("/nowhere/wal2json.so is not there");
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void wal2jsonThatIsNotThereIsLeftOut() {
    Ended ended = chaos("--seeds", "0");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.err()).contains("wal2json is left out");
  }

  @Test
  void aPluginThatThereIsNotIsAWrongOption() {
    Ended ended = chaos("--plugin", "decoderbufs");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("decoderbufs is no plugin");
  }
}

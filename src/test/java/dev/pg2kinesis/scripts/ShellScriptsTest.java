package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all shell scripts have in common, and the small ones. */
class ShellScriptsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scripts/invoke",
        "scripts/drain",
        "scripts/remove",
        "scripts/rds-bundle",
        "scripts/tail"
      })
  void explainThemselves(String script) {
    Ended ended = new Script(script, "--help").run();

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).startsWith("usage: " + script);
  }

  @Test
  void theBundleIsNotTakenFromAnywhereElse() {
    assertThat(new Script("scripts/rds-bundle", "--no-such-option").run().status()).isEqualTo(2);
    assertThat(new Script("scripts/rds-bundle", "file:///no/such/file").run().status())
        .isEqualTo(1);
  }
}

package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        "scripts/tail",
        "scripts/chaos"
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

  @Test
  void aPackageWithoutTheCertificatesOfRdsIsNotBuilt(@TempDir Path artifacts) {
    Ended ended =
        new Script("make", "-f", "src/main/sam/Makefile", "build-Pg2KinesisFunction")
            .arguments("ARTIFACTS_DIR=" + artifacts, "BUNDLE=no/such/global-bundle.pem")
            .with("WITHOUT_RDS_BUNDLE", "")
            .run();

    assertThat(ended.status()).isNotZero();
    assertThat(ended.err())
        .contains("no/such/global-bundle.pem is missing. Run scripts/rds-bundle");
    assertThat(artifacts).isEmptyDirectory();
  }

  @Test
  void theBundleIsTakenOnlyIfItIsOne(@TempDir Path folder) throws IOException {
    Path page = Files.writeString(folder.resolve("error.html"), "<html>not found</html>");

    Ended ended = new Script("scripts/rds-bundle", page.toUri().toString()).run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("is not a file of PEM certificates");
  }
}

package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.command.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionTest {

  @Test
  void recordsNameTheVersionThatIsBuilt() throws IOException {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains(
            "<artifactId>pg2kinesis-lambda</artifactId>\n  <version>"
                + Version.CURRENT
                + "</version>");
  }
}

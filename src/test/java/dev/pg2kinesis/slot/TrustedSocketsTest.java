package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.postgres.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGProperty;
import org.postgresql.core.SocketFactoryFactory;
import org.postgresql.util.PSQLException;

class TrustedSocketsTest {

  @TempDir Path directory;

  private Properties properties(Path file) {
    Properties properties = new Properties();
    PGProperty.SSL_MODE.set(properties, "verify-full");
    PGProperty.SSL_ROOT_CERT.set(properties, file.toString());
    return properties;
  }

  @Test
  void readsTheAuthoritiesOnceUntilTheyChange() throws IOException, PSQLException {
    Path file = Authority.in(directory, "first").certificate();
    Properties properties = properties(file);

    Object sockets = TrustedSockets.sockets(properties);
    assertThat(TrustedSockets.sockets(properties)).isSameAs(sockets);
    assertThat(TrustedSockets.sockets(properties(Authority.in(directory, "second").certificate())))
        .isNotSameAs(sockets);

    Object again = TrustedSockets.sockets(properties);
    Files.write(file, Files.readAllBytes(file), StandardOpenOption.APPEND);
    assertThat(TrustedSockets.sockets(properties)).isNotSameAs(again);
  }

  @Test
  void pgjdbcUsesThemByTheirName() throws PSQLException {
    Properties properties = properties(Authority.in(directory, "named").certificate());
    TrustedSockets.prepare(properties);

    assertThat(SocketFactoryFactory.getSslSocketFactory(properties))
        .isInstanceOf(TrustedSockets.class);
  }

  /** What makes the error of a missing or empty file the same as without this class. */
  @Test
  void failsAsPgjdbcDoes() {
    assertThatThrownBy(() -> TrustedSockets.prepare(properties(directory.resolve("none"))))
        .isInstanceOf(PSQLException.class)
        .hasMessageContaining("none");
  }
}

package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class ConnectionFailureTest {

  private static final Database DATABASE =
      new Database("nosuch.example", 5432, "d", "u", null, "disable", null, null);

  private static String message(Throwable cause) {
    return String.valueOf(
        ConnectionFailure.of(new SQLException("no", "08001", cause), DATABASE).getMessage());
  }

  /** Java's message for an unknown host is the host, which the error has named before. */
  @Test
  void theReasonIsNotTheHostAgain() {
    assertThat(message(new UnknownHostException("nosuch.example")))
        .startsWith("CONNECTION_FAILED: ")
        .contains("nosuch.example:5432 (the name has no address)");
  }

  @Test
  void thereIsAlwaysAReason() {
    assertThat(message(new IOException())).contains("nosuch.example:5432 (IOException)");
    assertThat(message(new IOException("Connection refused"))).contains("(Connection refused)");
  }
}

package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.WarmFunction.InvocationContext;
import dev.pg2kinesis.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the handler says of an invocation's time, which a test turns by hand. */
class HandlerTimeTest {

  private final AtomicLong remainingMillis = new AtomicLong(60_000);

  private Settings settings(String reserveMillis) {
    return Settings.from(
        Map.of(
            "PGHOST", "127.0.0.1",
            "PGPORT", "1", // nothing listens there
            "PGDATABASE", "shop",
            "PGUSER", "cdc",
            "PGPASSWORD", "secret",
            "PGSSLMODE", "disable",
            "SLOT_NAME", "slot",
            "STREAM_NAME", "changes",
            "TIME_RESERVE_MS", reserveMillis),
        path -> Map.of());
  }

  private void poll(Handler handler) throws Exception {
    handler.handleRequest(
        new ByteArrayInputStream("{\"action\":\"poll\"}".getBytes(UTF_8)),
        new ByteArrayOutputStream(),
        new InvocationContext(remainingMillis::get));
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), true, UTF_8);
  }

  /** Parameter Store can take long to answer, and the reserve is not to blame for that. */
  @Test
  void settingsThatTakeLongToReadAreNotTakenForALargeReserve() {
    try (Handler handler =
        new Handler(
            () -> {
              remainingMillis.set(1_000);
              return settings("5000");
            },
            nowhere(),
            InstantSource.system())) {
      assertThatThrownBy(() -> poll(handler)).hasMessageStartingWith("CONNECTION_FAILED");
    }
  }

  @Test
  void aReserveAsLongAsTheInvocationIsRefused() {
    try (Handler handler =
        new Handler(() -> settings("60000"), nowhere(), InstantSource.system())) {
      assertThatThrownBy(() -> poll(handler))
          .hasMessageStartingWith("SETTINGS_INVALID: TIME_RESERVE_MS is 60000");
    }
  }
}

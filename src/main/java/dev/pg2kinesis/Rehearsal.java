package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.command.Environment;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.ColumnRules;
import dev.pg2kinesis.format.Outbox;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.Routes;
import dev.pg2kinesis.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * A run in memory while Lambda starts the process. The first invocation does not wait for what it
 * loads and links. It makes no connection, prints nothing, and leaves nothing behind but loaded
 * classes, so it may be part of a snapshot of the process.
 */
final class Rehearsal {

  private static final byte[] POLL = "{\"action\":\"poll\"}".getBytes(UTF_8);

  /** Lambda gives up a start after 10 seconds. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final long RESERVE_MILLIS = 1_000;

  private static final int HTTPS = 443;

  private Rehearsal() {}

  /** Runs once. Failures are left to the first invocation, which reports them. */
  static void run() {
    run(() -> Settings.fromEnvironment(path -> Map.of()));
  }

  static void run(Supplier<Settings> real) {
    try {
      greet();
      publish(real, OutputStream.nullOutputStream(), LIMIT);
    } catch (RuntimeException | IOException | GeneralSecurityException | LinkageError e) {
      // The invocation meets whatever is wrong with the settings or the package, and says so.
    }
  }

  /**
   * Publishes one change in memory.
   *
   * @param result receives the run's result
   * @param limit after which it is given up
   */
  static void publish(Supplier<Settings> real, OutputStream result, Duration limit)
      throws IOException {
    try (Handler handler =
        new Handler(
            Environment.inMemory(() -> settings(real)),
            new PrintStream(OutputStream.nullOutputStream(), false, UTF_8),
            InstantSource.system())) {
      handler.run(POLL, result, countdown(limit), "rehearsal");
    }
  }

  /** Writes the first message of a TLS session to nobody. */
  private static void greet() throws GeneralSecurityException, IOException {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("rehearsal", HTTPS);
    engine.setUseClientMode(true);
    engine.beginHandshake();
    engine.wrap(
        ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
  }

  private static LongSupplier countdown(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    return () -> Duration.ofNanos(end - System.nanoTime()).toMillis();
  }

  /** The formats and logins of the real settings; nothing that could keep the change back. */
  private static Settings settings(Supplier<Settings> source) {
    Settings real = known(source);
    Settings.Output output = real.output();
    Settings.Limits limits = real.limits();
    return new Settings(
        real.connection(),
        "rehearsal",
        List.of("rehearsal"),
        2,
        Routes.all("rehearsal"),
        new Settings.Output(
            output.format(),
            output.dms(),
            PartitionKey.PRIMARY_KEY,
            output.packing(),
            output.ordering(),
            ChangeFilter.ALL,
            ColumnRules.NONE,
            null,
            Oversize.FAIL,
            Outbox.NONE,
            output.transactionEvents(),
            false),
        new Settings.Limits(
            limits.windowRows(),
            limits.windowWalBytes(),
            RESERVE_MILLIS,
            limits.spillThresholdBytes(),
            limits.lanes()),
        real.watermarkParameter() == null ? null : "/rehearsal");
  }

  /** Those of Parameter Store are not known yet. */
  private static Settings known(Supplier<Settings> source) {
    try {
      return source.get();
    } catch (CodedException e) {
      return Settings.from(
          Map.of(
              "PGHOST", "rehearsal",
              "PGDATABASE", "rehearsal",
              "PGUSER", "rehearsal",
              "PGSSLMODE", "require",
              "STREAM_NAME", "rehearsal"));
    }
  }
}

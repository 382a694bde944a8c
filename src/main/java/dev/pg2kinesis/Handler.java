package dev.pg2kinesis;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.jr.ob.JSON;
import dev.pg2kinesis.command.Command;
import dev.pg2kinesis.command.CommandReader;
import dev.pg2kinesis.command.Commands;
import dev.pg2kinesis.command.Environment;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.security.Security;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lambda's entry point: reads the event, carries its command out, and writes the result as one JSON
 * object. Failures are thrown, so that Lambda counts them.
 */
public final class Handler implements RequestStreamHandler, AutoCloseable {

  static {
    // A warm process must see at once that a database's name has another address, as after a
    // failover: Java would remember the old one for 30 s. Read when the first name is looked up.
    Security.setProperty("networkaddress.cache.ttl", "0");
  }

  private final Environment environment;
  private final PrintStream log;
  private final InstantSource clock;

  /** The handler that Lambda makes; settings are read in the first invocation. */
  public Handler() {
    this(Environment.ofProcess(), System.out, InstantSource.system());
    Rehearsal.run();
  }

  /** A handler with other settings, another log and another clock. */
  Handler(Supplier<Settings> settings, PrintStream log, InstantSource clock) {
    this(Environment.with(settings), log, clock);
  }

  Handler(Environment environment, PrintStream log, InstantSource clock) {
    this.environment = environment;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public void handleRequest(InputStream event, OutputStream result, Context context)
      throws IOException {
    run(event.readAllBytes(), result, context::getRemainingTimeInMillis, context.getAwsRequestId());
  }

  /**
   * Carries out the command in an event.
   *
   * @param remainingMillis until the function is stopped
   */
  void run(byte[] event, OutputStream result, LongSupplier remainingMillis, String requestId)
      throws IOException {
    Command command = CommandReader.read(event);
    // Reading the settings may take much of the invocation.
    long millis = remainingMillis.getAsLong();
    Commands commands =
        new Commands(
            environment,
            Deadline.of(remainingMillis),
            millis,
            clock,
            new InvocationLog(log, environment.settings(), requestId, clock));
    JSON.std.write(commands.run(command), result);
  }

  /** Ends what the invocations kept. */
  @Override
  public void close() {
    environment.close();
  }
}

package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Parameters;
import dev.pg2kinesis.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The real handler with settings of a test, kept warm from one invocation to the next. */
public final class WarmFunction implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Handler handler;

  /**
   * @param environment the settings, which are copied
   * @param log where the handler prints
   */
  public WarmFunction(Map<String, String> environment, PrintStream log) {
    this(environment, log, InstantSource.system());
  }

  /** The same by another clock. */
  public WarmFunction(Map<String, String> environment, PrintStream log, InstantSource clock) {
    this(new Handler(settings(Map.copyOf(environment)), log, clock));
  }

  private WarmFunction(Handler handler) {
    this.handler = handler;
  }

  /** The handler with the settings of this process, as Lambda makes it. */
  public static WarmFunction ofProcess() {
    return new WarmFunction(new Handler());
  }

  private static Supplier<Settings> settings(Map<String, String> environment) {
    Parameters parameters = new Parameters(new AwsClients());
    return () -> Settings.from(environment, parameters::below);
  }

  /**
   * Invokes the handler as Lambda does.
   *
   * @param millis the time limit, which nobody enforces
   */
  public JsonNode invoke(String event, long millis) {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    try {
      handler.handleRequest(
          new ByteArrayInputStream(event.getBytes(UTF_8)), result, InvocationContext.of(millis));
      return JSON.readTree(result.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    handler.close();
  }

  /** A Lambda context with a deadline. */
  static final class InvocationContext implements Context {

    private final LongSupplier remainingMillis;

    InvocationContext(LongSupplier remainingMillis) {
      this.remainingMillis = remainingMillis;
    }

    static InvocationContext of(long millis) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      return new InvocationContext(() -> TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
    }

    @Override
    public int getRemainingTimeInMillis() {
      return (int) remainingMillis.getAsLong();
    }

    @Override
    public String getAwsRequestId() {
      return "00000000-0000-0000-0000-000000000000";
    }

    @Override
    public String getLogGroupName() {
      return "";
    }

    @Override
    public String getLogStreamName() {
      return "";
    }

    @Override
    public String getFunctionName() {
      return "pg2kinesis";
    }

    @Override
    public String getFunctionVersion() {
      return "$LATEST";
    }

    @Override
    public String getInvokedFunctionArn() {
      return "";
    }

    @Override
    public @Nullable CognitoIdentity getIdentity() {
      return null;
    }

    @Override
    public @Nullable ClientContext getClientContext() {
      return null;
    }

    @Override
    public int getMemoryLimitInMB() {
      return 512;
    }

    @Override
    public @Nullable LambdaLogger getLogger() {
      return null;
    }
  }
}

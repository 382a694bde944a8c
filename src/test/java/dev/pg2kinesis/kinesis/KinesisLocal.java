package dev.pg2kinesis.kinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * The npm package {@code kinesis-local} as a child process: an independent implementation of the
 * Kinesis protocol. Not fast (thousands of records a second, less as a stream fills: use a new
 * stream per test) and without quotas. Where Node.js is missing, starting aborts the test and says
 * so.
 *
 * <p>As a JUnit extension in a static field it runs from the first to the last test of its class:
 * {@code @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();}
 */
public final class KinesisLocal implements KinesisEndpoint, BeforeAllCallback, AfterAllCallback {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private @Nullable Started started;

  private KinesisLocal() {}

  /** A server that JUnit starts before the first test of a class and stops after the last. */
  public static KinesisLocal forClass() {
    return new KinesisLocal();
  }

  /** Starts a separate server on free ports; the first use installs the package. */
  public static KinesisLocal start() {
    KinesisLocal kinesis = new KinesisLocal();
    kinesis.open();
    return kinesis;
  }

  private void open() {
    KinesisEngine.Running server = engine().start();
    Thread stopAtExit = new Thread(server::close);
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    started = new Started(server, TestClients.client(server.endpoint()), stopAtExit);
  }

  private record Started(KinesisEngine.Running server, KinesisClient client, Thread stopAtExit) {}

  private Started started() {
    return Objects.requireNonNull(started, "kinesis-local is not started");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    open();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  private static KinesisEngine engine() {
    String name = System.getProperty("kinesis.engine");
    if (name == null) {
      return KinesisLocal::startPackage;
    }
    try {
      return Class.forName(name)
          .asSubclass(KinesisEngine.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("kinesis.engine is not one", e);
    }
  }

  private static KinesisEngine.Running startPackage() {
    try {
      return start(KinesisLocalPackage.installed());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting kinesis-local", e);
    }
  }

  private static KinesisEngine.Running start(Path folder) throws IOException, InterruptedException {
    int port = freePort();
    Path log = folder.resolve("log-" + port + ".txt");
    ProcessBuilder builder =
        new ProcessBuilder("node", "main.js")
            .directory(folder.resolve("node_modules/kinesis-local").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(settings(port));
    Process process = builder.start();
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!healthy(endpoint)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly().waitFor();
        throw new IllegalStateException(
            "kinesis-local did not become healthy on port " + port + ":\n" + Files.readString(log));
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    return new Child(process, endpoint);
  }

  private record Child(Process process, URI endpoint) implements KinesisEngine.Running {

    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public void close() {
      // Its orderly shutdown waits several seconds for idle connections, and it has nothing to
      // save.
      process.destroyForcibly();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Map<String, String> settings(int port) throws IOException {
    return Map.ofEntries(
        Map.entry("KINESIS_MOCK_PLAIN_PORT", Integer.toString(port)),
        Map.entry("KINESIS_MOCK_TLS_PORT", Integer.toString(freePort())),
        Map.entry("CREATE_STREAM_DURATION", "0ms"),
        Map.entry("DELETE_STREAM_DURATION", "0ms"),
        Map.entry("SPLIT_SHARD_DURATION", "0ms"),
        Map.entry("MERGE_SHARDS_DURATION", "0ms"),
        Map.entry("UPDATE_SHARD_COUNT_DURATION", "0ms"),
        Map.entry("SHARD_LIMIT", "1000"),
        Map.entry("AWS_REGION", "us-east-1"),
        Map.entry("LOG_LEVEL", "ERROR"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean healthy(URI endpoint) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) endpoint.resolve("/healthcheck").toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(1000);
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Where the server listens, plain HTTP on loopback. */
  @Override
  public URI endpoint() {
    return started().server().endpoint();
  }

  /** A client of this server; closed with it. */
  @Override
  public KinesisClient client() {
    return started().client();
  }

  @Override
  public void addStream(String name, int shards) {
    createStream(name, shards);
  }

  /** Creates a stream and returns once it is active. */
  public void createStream(String name, int shards) {
    KinesisClient client = client();
    client.createStream(request -> request.streamName(name).shardCount(shards));
    client.waiter().waitUntilStreamExists(request -> request.streamName(name));
    StreamStatus status =
        client
            .describeStreamSummary(request -> request.streamName(name))
            .streamDescriptionSummary()
            .streamStatus();
    if (status != StreamStatus.ACTIVE) {
      throw new IllegalStateException("the stream " + name + " is " + status);
    }
  }

  boolean isAlive() {
    return started().server().isAlive();
  }

  @Override
  public void close() {
    if (started == null) {
      return;
    }
    started.client().close();
    started.server().close();
    Runtime.getRuntime().removeShutdownHook(started.stopAtExit());
  }

  /** Aborts the running test, with the reason in its report. */
  static void abort(String reason) {
    Assumptions.abort(reason);
  }
}

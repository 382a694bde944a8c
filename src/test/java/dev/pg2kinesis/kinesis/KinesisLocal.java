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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * The npm package {@code kinesis-local} as a child process: an independent implementation of the
 * Kinesis protocol. Not fast (thousands of records a second, less as a stream fills: use a new
 * stream per test) and without quotas. Where Node.js is missing, {@link #start()} aborts the test
 * and says so.
 */
public final class KinesisLocal implements KinesisEndpoint {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final KinesisEngine.Running server;
  private final KinesisClient client;
  private final Thread stopAtExit;

  private KinesisLocal(KinesisEngine.Running server) {
    this.server = server;
    this.client = TestClients.client(server.endpoint());
    this.stopAtExit = new Thread(server::close);
    Runtime.getRuntime().addShutdownHook(stopAtExit);
  }

  /**
   * Starts a server of one's own on free ports, installing the package if this is the first use.
   */
  public static KinesisLocal start() {
    return new KinesisLocal(engine().start());
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
    return server.endpoint();
  }

  /** A client of this server; closed with it. */
  @Override
  public KinesisClient client() {
    return client;
  }

  @Override
  public void addStream(String name, int shards) {
    createStream(name, shards);
  }

  /** Creates a stream and returns once it is active. */
  public void createStream(String name, int shards) {
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
    return server.isAlive();
  }

  @Override
  public void close() {
    client.close();
    server.close();
    Runtime.getRuntime().removeShutdownHook(stopAtExit);
  }

  /** Aborts the running test, with the reason in its report. */
  static void abort(String reason) {
    Assumptions.abort(reason);
  }
}

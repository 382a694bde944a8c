package dev.pg2kinesis.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Kinesis over HTTP, with the quotas, latency and faults that a test wants. Speaks the operations
 * that a publisher and a simple consumer need, in CBOR and in JSON; checks no signatures.
 */
public final class FakeKinesis implements KinesisEndpoint {

  static final String ARN_PREFIX = "arn:aws:kinesis:us-east-1:000000000000:stream/";

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 128;

  static {
    // Otherwise the server's small writes wait 40 ms for the client's delayed acknowledgements.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, FakeStream> streams = new ConcurrentHashMap<>();
  private final Map<String, CallFault> operationFaults = new ConcurrentHashMap<>();
  private final Map<String, Faults> streamFaults = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> late = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong putCalls = new AtomicLong();
  private final AtomicLong putEntries = new AtomicLong();
  private final AtomicLong unheard = new AtomicLong();
  private volatile Faults faults = Faults.NONE;
  private volatile long latencyNanos;
  private volatile @Nullable Wire lastWire;

  private FakeKinesis(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Starts on a free loopback port. */
  public static FakeKinesis start() {
    return start(0);
  }

  static FakeKinesis start(int port) {
    try {
      return new FakeKinesis(HttpServer.create(loopback(port), BACKLOG));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts with TLS on a free loopback port; the certificate must be that of {@code localhost}. */
  public static FakeKinesis start(SSLContext certificate) {
    try {
      HttpsServer server = HttpsServer.create(loopback(0), BACKLOG);
      server.setHttpsConfigurator(new HttpsConfigurator(certificate));
      return new FakeKinesis(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public URI endpoint() {
    return URI.create(
        (server instanceof HttpsServer ? "https://localhost:" : "http://127.0.0.1:")
            + server.getAddress().getPort());
  }

  /** A client as a consumer has it. */
  @Override
  public KinesisClient client() {
    return TestClients.client(endpoint());
  }

  @Override
  public void addStream(String name, int shards) {
    createStream(name, shards);
  }

  public FakeStream createStream(String name, int shards) {
    return createStream(name, shards, FakeStream.Settings.PLAIN);
  }

  /** Creates a stream, or replaces the one of that name. */
  public FakeStream createStream(String name, int shards, FakeStream.Settings settings) {
    FakeStream stream = new FakeStream(shards, settings, System.nanoTime());
    streams.put(name, stream);
    return stream;
  }

  /** Lets a stream be reached by a further name, so that a test can tell its callers apart. */
  public void addName(String name, FakeStream stream) {
    streams.put(name, stream);
  }

  public void deleteStream(String name) {
    streams.remove(name);
    streamFaults.remove(name);
  }

  /** What goes wrong with {@code PutRecords} from now on. */
  public void setFaults(Faults newFaults) {
    faults = newFaults;
  }

  /** What goes wrong with {@code PutRecords} to a stream by this name, in place of the others. */
  public void setFaults(String stream, Faults newFaults) {
    streamFaults.put(stream, newFaults);
  }

  /** Refuses every call of an operation other than {@code PutRecords}. */
  public void refuse(String operation, CallFault fault) {
    operationFaults.put(operation, fault);
  }

  /** How long every answer takes at least. */
  public void setLatencyMillis(long millis) {
    latencyNanos = TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Puts the records of all calls that were to land late. */
  public void landLate() {
    for (Runnable call = late.poll(); call != null; call = late.poll()) {
      call.run();
    }
  }

  /** How many {@code PutRecords} calls came. */
  public long putCalls() {
    return putCalls.get();
  }

  /** How many entries they had. */
  public long putEntries() {
    return putEntries.get();
  }

  /** How many answers nobody waited for any more, so that their calls may have been repeated. */
  public long unheardAnswers() {
    return unheard.get();
  }

  /** The encoding of the last call. */
  @Nullable Wire lastWire() {
    return lastWire;
  }

  private void handle(HttpExchange exchange) throws IOException {
    long answerAt = System.nanoTime() + latencyNanos;
    Wire wire = Wire.of(exchange.getRequestHeaders().getFirst("Content-Type"));
    lastWire = wire;
    String target =
        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("X-Amz-Target"), "");
    String operation = target.substring(target.indexOf('.') + 1);
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      Reply reply =
          operation.equals("PutRecords")
              ? putRecords(wire.readPutRecords(body))
              : other(operation, wire.readTree(body));
      for (long rest = answerAt - System.nanoTime();
          rest > 0;
          rest = answerAt - System.nanoTime()) {
        LockSupport.parkNanos(rest);
      }
      send(exchange, wire, reply);
    } catch (IOException e) {
      unheard.incrementAndGet();
      throw e;
    } catch (RuntimeException e) {
      // The server would swallow it, and the test would wait for its time-out.
      e.printStackTrace();
      throw e;
    }
  }

  private void send(HttpExchange exchange, Wire wire, Reply reply) throws IOException {
    if (reply.status() == CallFault.SILENCE) {
      try {
        closing.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return;
    }
    if (reply.status() == CallFault.HANG_UP) {
      return;
    }
    byte[] bytes = wire.write(reply.body());
    exchange.getResponseHeaders().set("Content-Type", wire.contentType());
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private Reply putRecords(Wire.PutRecordsInput input) {
    putCalls.incrementAndGet();
    putEntries.addAndGet(input.puts().size());
    Faults faultsOfCall = streamFaults.getOrDefault(nameOf(input.stream()), faults);
    try {
      return putRecords(input, faultsOfCall);
    } finally {
      faultsOfCall.callEnded();
    }
  }

  private Reply putRecords(Wire.PutRecordsInput input, Faults ofCall) {
    CallFault fault = ofCall.nextCall();
    FakeStream stream = stream(input.stream());
    if (stream == null) {
      return missing(input.stream());
    }
    Reply invalid = invalid(input, stream);
    if (invalid != null) {
      return invalid;
    }
    Reply answer = Reply.error(fault.status(), fault.code(), "as the test wants");
    switch (fault.lands()) {
      case NEVER -> {}
      case LATE -> late.add(() -> stream.put(input.puts(), Faults.NONE, System.nanoTime()));
      case AT_ONCE -> {
        List<FakeStream.Outcome> outcomes = stream.put(input.puts(), ofCall, System.nanoTime());
        if (fault.status() == 200) {
          answer = Answers.putRecords(outcomes);
        }
      }
    }
    return answer;
  }

  private static @Nullable Reply invalid(Wire.PutRecordsInput input, FakeStream stream) {
    long bytes = 0;
    for (FakeStream.Put put : input.puts()) {
      int characters = put.partitionKey().codePointCount(0, put.partitionKey().length());
      if (characters < 1 || characters > 256) {
        return Reply.error(400, "ValidationException", "partitionKey");
      }
      if (put.size() > stream.settings().maxRecordBytes()) {
        return Reply.error(400, "InvalidArgumentException", "record too large");
      }
      bytes += put.size();
    }
    if (input.puts().isEmpty() || input.puts().size() > 500) {
      return Reply.error(400, "ValidationException", "number of records");
    }
    return bytes > 10 << 20 ? Reply.error(400, "InvalidArgumentException", "request size") : null;
  }

  private Reply other(String operation, JsonNode input) {
    CallFault fault = operationFaults.get(operation);
    if (fault != null) {
      return Reply.error(fault.status(), fault.code(), "as the test wants");
    }
    if (operation.equals("CreateStream")) {
      createStream(input.path("StreamName").asText(), input.path("ShardCount").asInt(4));
      return new Reply(200, json -> {});
    }
    if (operation.equals("GetRecords")) {
      return getRecords(input);
    }
    String name = input.path("StreamARN").asText(input.path("StreamName").asText());
    FakeStream stream = stream(name);
    if (stream == null) {
      return missing(name);
    }
    return switch (operation) {
      case "DescribeStreamSummary" -> Answers.summary(nameOf(name), stream);
      case "ListShards" -> Answers.shards(stream);
      case "GetShardIterator" ->
          Answers.iterator(nameOf(name), input.path("ShardId").asText(), stream, input);
      default -> Reply.error(400, "UnknownOperationException", operation);
    };
  }

  /** An iterator is {@code stream/shard/position}. */
  private Reply getRecords(JsonNode input) {
    List<String> iterator = List.of(input.path("ShardIterator").asText().split("/", -1));
    FakeStream stream = stream(iterator.get(0));
    if (stream == null) {
      return missing(iterator.get(0));
    }
    FakeShard shard = stream.shardsById().get(iterator.get(1));
    return shard == null
        ? missing(iterator.get(1))
        : Answers.records(
            iterator.get(0),
            stream,
            shard,
            Integer.parseInt(iterator.get(2)),
            input.path("Limit").asInt(10_000));
  }

  private @Nullable FakeStream stream(String nameOrArn) {
    return streams.get(nameOf(nameOrArn));
  }

  private static String nameOf(String nameOrArn) {
    return nameOrArn.startsWith(ARN_PREFIX) ? nameOrArn.substring(ARN_PREFIX.length()) : nameOrArn;
  }

  private static Reply missing(String name) {
    return Reply.error(400, "ResourceNotFoundException", "Stream " + name + " not found.");
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  /** What goes back. */
  record Reply(int status, Wire.Answer body) {

    static Reply error(int status, String code, String message) {
      return new Reply(
          status,
          json -> {
            json.writeStringField("__type", code);
            json.writeStringField("message", message);
          });
    }
  }
}

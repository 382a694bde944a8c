package dev.pg2kinesis.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Parameter Store over HTTP, as far as the watermark needs it. A name is {@code
 * /caller/parameter…}: callers with different first parts share the parameters, and each can meet
 * faults of its own.
 */
final class ParameterStore implements AutoCloseable {

  /** What happens to a call. */
  enum Fate {
    FINE,
    /** It is refused, with an error that may be tried again. */
    REFUSED,
    /** No effect, and no answer. */
    NOTHING,
    /** An effect, and no answer. */
    UNANSWERED
  }

  /** Decides over the calls of one caller. */
  interface Fates {
    Fate of(boolean put);
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, List<String>> versions = new ConcurrentHashMap<>();
  private final Map<String, Fates> fates = new ConcurrentHashMap<>();

  private ParameterStore(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static ParameterStore start() {
    try {
      return new ParameterStore(
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void setFates(String caller, Fates newFates) {
    fates.put(caller, newFates);
  }

  /** Forgets all parameters and callers. */
  void clear() {
    versions.clear();
    fates.clear();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target =
          Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("X-Amz-Target"), "");
      JsonNode input = JSON.readTree(exchange.getRequestBody());
      String[] name = input.path("Name").asText().split("/", 3);
      boolean put = target.endsWith("PutParameter");
      Fate fate = fates.getOrDefault(name[1], p -> Fate.FINE).of(put);
      if (fate == Fate.NOTHING) {
        return;
      }
      if (fate == Fate.REFUSED) {
        answer(exchange, 500, JSON.createObjectNode().put("__type", "InternalServerError"));
        return;
      }
      ObjectNode output = put ? put(name[2], input) : get(name[2]);
      if (fate == Fate.FINE) {
        answer(exchange, output.has("__type") ? 400 : 200, output);
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, ObjectNode body)
      throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private synchronized ObjectNode get(String nameAndVersion) {
    String[] parts = nameAndVersion.split(":", 2);
    List<String> kept = versions.getOrDefault(parts[0], List.of());
    int version = parts.length == 2 ? Integer.parseInt(parts[1]) : kept.size();
    if (version < 1 || version > kept.size()) {
      return JSON.createObjectNode().put("__type", "ParameterNotFound");
    }
    ObjectNode output = JSON.createObjectNode();
    output
        .putObject("Parameter")
        .put("Name", "/" + parts[0])
        .put("Type", "String")
        .put("Value", kept.get(version - 1))
        .put("Version", version);
    return output;
  }

  private synchronized ObjectNode put(String name, JsonNode input) {
    List<String> kept = versions.computeIfAbsent(name, n -> new ArrayList<>());
    if (!kept.isEmpty() && !input.path("Overwrite").asBoolean()) {
      return JSON.createObjectNode().put("__type", "ParameterAlreadyExists");
    }
    kept.add(input.path("Value").asText());
    return JSON.createObjectNode().put("Version", kept.size()).put("Tier", "Standard");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

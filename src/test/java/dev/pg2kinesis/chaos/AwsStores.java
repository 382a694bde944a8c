package dev.pg2kinesis.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
 * Parameter Store and Secrets Manager over HTTP, as far as the function needs them. The name of a
 * parameter is {@code /caller/name}, that of a secret {@code caller/name}: callers share what is
 * kept under a name, and each can meet faults of its own.
 */
final class AwsStores implements AutoCloseable {

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

  /** What a caller wants. */
  enum Call {
    /** The watermark. */
    GET,
    /** To write the watermark. */
    PUT,
    /** The settings below a path. */
    SETTINGS,
    /** The login. */
    SECRET
  }

  /** Decides over the calls of one caller. */
  interface Fates {
    Fate of(Call call);
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, List<String>> versions = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> settings = new ConcurrentHashMap<>();
  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final Map<String, Fates> fates = new ConcurrentHashMap<>();

  private AwsStores(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static AwsStores start() {
    try {
      return new AwsStores(
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

  /** What a path has below it. */
  void setSettings(String name, Map<String, String> newSettings) {
    settings.put(name, Map.copyOf(newSettings));
  }

  void setSecret(String name, String text) {
    secrets.put(name, text);
  }

  /** Forgets everything, and all callers. */
  void clear() {
    versions.clear();
    settings.clear();
    secrets.clear();
    fates.clear();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target =
          Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("X-Amz-Target"), "");
      JsonNode input = JSON.readTree(exchange.getRequestBody());
      Call call =
          switch (target.substring(target.indexOf('.') + 1)) {
            case "PutParameter" -> Call.PUT;
            case "GetParametersByPath" -> Call.SETTINGS;
            case "GetSecretValue" -> Call.SECRET;
            default -> Call.GET;
          };
      String[] name = name(call, input).split("/", 2);
      Fate fate = fates.getOrDefault(name[0], c -> Fate.FINE).of(call);
      if (fate == Fate.NOTHING) {
        return;
      }
      if (fate == Fate.REFUSED) {
        answer(exchange, 500, JSON.createObjectNode().put("__type", "InternalServerError"));
        return;
      }
      ObjectNode output =
          switch (call) {
            case PUT -> put(name[1], input);
            case SETTINGS -> below(input.path("Path").asText(), name[1]);
            case SECRET -> secret(name[1]);
            case GET -> get(name[1]);
          };
      if (fate == Fate.FINE) {
        answer(exchange, output.has("__type") ? 400 : 200, output);
      }
    }
  }

  /** The caller and the name. */
  private static String name(Call call, JsonNode input) {
    return switch (call) {
      case SECRET -> input.path("SecretId").asText();
      case SETTINGS -> input.path("Path").asText().substring(1);
      case GET, PUT -> input.path("Name").asText().substring(1);
    };
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

  private ObjectNode below(String path, String name) {
    ObjectNode output = JSON.createObjectNode();
    ArrayNode parameters = output.putArray("Parameters");
    settings
        .getOrDefault(name, Map.of())
        .forEach(
            (setting, value) ->
                parameters.addObject().put("Name", path + "/" + setting).put("Value", value));
    return output;
  }

  private ObjectNode secret(String name) {
    String text = secrets.get(name);
    return text == null
        ? JSON.createObjectNode().put("__type", "ResourceNotFoundException")
        : JSON.createObjectNode().put("SecretString", text);
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

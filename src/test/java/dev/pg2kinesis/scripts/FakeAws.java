package dev.pg2kinesis.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lambda's and CloudFormation's wire protocols on a loopback port, as far as the AWS CLI, SAM and
 * the scripts speak them. Change sets are executed at once and create nothing; what a stack has to
 * say about itself and what the function answers is the test's.
 */
final class FakeAws implements AutoCloseable {

  static final String ACCOUNT = "123456789012";
  static final String REGION = "us-east-1";

  /** Parameters that a stack has although nobody gave them, as the template says. */
  private static final Map<String, String> DEFAULTS =
      Map.of("SlotName", "pg2kinesis", "DatabaseSecretArn", "", "DatabaseUser", "");

  /** What an invocation of a function gets. */
  sealed interface Answer {
    /** The function's result. */
    record Result(String json) implements Answer {}

    /** The function's error. */
    record FunctionError(String json) implements Answer {}

    /** Lambda has no concurrency left: 429. */
    record Throttled() implements Answer {}

    /** The connection is closed without an answer. */
    record Broken() implements Answer {}
  }

  /** One invocation: the function's name and the event. */
  record Invocation(String function, String event) {}

  /** A stack: its parameters as they were given last, and its state. */
  private static final class Stack {
    final String name;
    final String id;
    final Map<String, String> parameters = new TreeMap<>();
    final String changed = Instant.now().toString();
    String status = "REVIEW_IN_PROGRESS";

    Stack(String name) {
      this.name = name;
      this.id =
          "arn:aws:cloudformation:" + REGION + ":" + ACCOUNT + ":stack/" + name + "/51af3dc0-1";
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Stack> stacks = new LinkedHashMap<>();
  private final List<Invocation> invocations = new ArrayList<>();
  private final Function<String, Map<String, String>> outputs;
  private final Function<Invocation, Answer> function;

  /**
   * Starts the endpoint.
   *
   * @param outputs of a stack, by its name
   * @param function what the stacks' functions answer
   */
  FakeAws(Function<String, Map<String, String>> outputs, Function<Invocation, Answer> function) {
    this.outputs = outputs;
    this.function = function;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    // Where SAM keeps packages.
    Stack packages = stack("aws-sam-cli-managed-default");
    packages.status = "CREATE_COMPLETE";
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The parameters that a stack was deployed with last. */
  synchronized Map<String, String> parameters(String stack) {
    return Map.copyOf(stack(stack).parameters);
  }

  synchronized String status(String stack) {
    return stack(stack).status;
  }

  /** All invocations up to now, those that were refused included. */
  synchronized List<Invocation> invocations() {
    return List.copyOf(invocations);
  }

  private synchronized Stack stack(String name) {
    return stacks.computeIfAbsent(name, Stack::new);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      if (path.endsWith("/invocations")) {
        invoke(exchange, path.split("/", -1)[3], body);
      } else if (path.endsWith("/account-settings")) {
        reply(exchange, 200, "{\"AccountLimit\":{\"ConcurrentExecutions\":1000}}");
      } else {
        cloudFormation(exchange, form(body));
      }
    }
  }

  private void invoke(HttpExchange exchange, String name, String event) throws IOException {
    Invocation invocation = new Invocation(name, event.strip());
    synchronized (this) {
      invocations.add(invocation);
    }
    Answer answer = function.apply(invocation);
    if (answer instanceof Answer.Result result) {
      reply(exchange, 200, result.json());
    } else if (answer instanceof Answer.FunctionError error) {
      exchange.getResponseHeaders().add("X-Amz-Function-Error", "Unhandled");
      reply(exchange, 200, error.json());
    } else if (answer instanceof Answer.Throttled) {
      exchange.getResponseHeaders().add("x-amzn-errortype", "TooManyRequestsException");
      reply(
          exchange,
          429,
          "{\"Reason\":\"ReservedFunctionConcurrentInvocationLimitExceeded\",\"Type\":\"User\","
              + "\"message\":\"Rate Exceeded.\"}");
    }
  }

  private synchronized void cloudFormation(HttpExchange exchange, Map<String, String> form)
      throws IOException {
    String action = form.getOrDefault("Action", "");
    @Nullable Stack stack = find(form.getOrDefault("StackName", ""));
    if (stack == null && !action.equals("CreateChangeSet")) {
      reply(
          exchange,
          400,
          "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id "
              + form.get("StackName")
              + " does not exist</Message></Error></ErrorResponse>");
      return;
    }
    if (stack == null) {
      stack = stack(form.getOrDefault("StackName", ""));
    }
    String result =
        switch (action) {
          case "DescribeStacks" -> "<Stacks><member>" + describe(stack) + "</member></Stacks>";
          case "CreateChangeSet" -> createChangeSet(stack, form);
          case "DescribeChangeSet" -> changeSet(stack) + CHANGE;
          case "ExecuteChangeSet" -> {
            stack.status =
                stack.status.equals("REVIEW_IN_PROGRESS") ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
            yield "";
          }
          case "DescribeStackEvents" -> event(stack);
          case "DescribeStackResources" -> resources(stack);
          case "DeleteStack" -> {
            stack.status = "DELETE_COMPLETE";
            yield "";
          }
          case "GetTemplateSummary" -> "<Parameters/>";
          default -> throw new IllegalStateException("CloudFormation: " + form);
        };
    reply(
        exchange,
        200,
        "<"
            + action
            + "Response><"
            + action
            + "Result>"
            + result
            + "</"
            + action
            + "Result></"
            + action
            + "Response>");
  }

  /** A stack by its id, or by its name unless it is deleted; null if there is none. */
  private @Nullable Stack find(String nameOrId) {
    return stacks.values().stream()
        .filter(
            stack ->
                stack.id.equals(nameOrId)
                    || (stack.name.equals(nameOrId) && !stack.status.equals("DELETE_COMPLETE")))
        .findFirst()
        .orElse(null);
  }

  private String describe(Stack stack) {
    StringBuilder xml = new StringBuilder();
    xml.append(element("StackName", stack.name))
        .append(element("StackId", stack.id))
        .append(element("CreationTime", stack.changed))
        .append(element("StackStatus", stack.status))
        .append("<Parameters>");
    Map<String, String> parameters = new TreeMap<>(DEFAULTS);
    parameters.putAll(stack.parameters);
    parameters.forEach(
        (key, value) ->
            xml.append("<member>")
                .append(element("ParameterKey", key))
                .append(element("ParameterValue", value))
                .append("</member>"));
    xml.append("</Parameters><Outputs>");
    Map<String, String> all =
        stack.name.equals("aws-sam-cli-managed-default")
            ? Map.of("SourceBucket", "packages")
            : outputs.apply(stack.name);
    all.forEach(
        (key, value) ->
            xml.append("<member>")
                .append(element("OutputKey", key))
                .append(element("OutputValue", value))
                .append("</member>"));
    return xml.append(
            "</Outputs><Tags><member><Key>ManagedStackSource</Key><Value>AwsSamCli</Value>")
        .append("</member></Tags>")
        .toString();
  }

  private static final String CHANGE =
      "<Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member>"
          + "<Type>Resource</Type><ResourceChange><Action>Add</Action>"
          + "<LogicalResourceId>Pg2KinesisFunction</LogicalResourceId>"
          + "<ResourceType>AWS::Lambda::Function</ResourceType></ResourceChange></member></Changes>";

  private String createChangeSet(Stack stack, Map<String, String> form) {
    stack.parameters.clear();
    for (int i = 1; form.containsKey("Parameters.member." + i + ".ParameterKey"); i++) {
      String key = "Parameters.member." + i;
      stack.parameters.put(
          form.getOrDefault(key + ".ParameterKey", ""),
          form.getOrDefault(key + ".ParameterValue", "(as before)"));
    }
    if (stack.status.equals("DELETE_COMPLETE")) {
      stack.status = "REVIEW_IN_PROGRESS";
    }
    return changeSet(stack);
  }

  private static String changeSet(Stack stack) {
    return element("ChangeSetName", "change")
        + element(
            "Id", "arn:aws:cloudformation:" + REGION + ":" + ACCOUNT + ":changeSet/change/51af3dc0")
        + element("StackName", stack.name)
        + element("StackId", stack.id);
  }

  private static String event(Stack stack) {
    return "<StackEvents><member>"
        + element("StackId", stack.id)
        + element("StackName", stack.name)
        + element("EventId", stack.status + Instant.now())
        + element("LogicalResourceId", stack.name)
        + element("PhysicalResourceId", stack.id)
        + element("ResourceType", "AWS::CloudFormation::Stack")
        + element("ResourceStatus", stack.status)
        + element("Timestamp", Instant.now().toString())
        + "</member></StackEvents>";
  }

  private String resources(Stack stack) {
    return "<StackResources><member>"
        + element("LogicalResourceId", "Stream")
        + element("PhysicalResourceId", outputs.apply(stack.name).getOrDefault("StreamName", ""))
        + element("ResourceType", "AWS::Kinesis::Stream")
        + element("Timestamp", Instant.now().toString())
        + element("ResourceStatus", "DELETE_SKIPPED")
        + "</member></StackResources>";
  }

  private static String element(String name, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
    return "<" + name + ">" + escaped + "</" + name + ">";
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new LinkedHashMap<>();
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.put(
            URLDecoder.decode(pair.substring(0, equals), UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), UTF_8));
      }
    }
    return form;
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

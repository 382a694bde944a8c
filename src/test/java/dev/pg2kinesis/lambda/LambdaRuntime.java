package dev.pg2kinesis.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The deployable in a process of its own under the real runtime interface client, served by a small
 * Runtime API. AWS Lambda Developer Guide, "Using the Lambda runtime API". As there, only the
 * client is on the class path, and a class loader of its own finds the function in the working
 * directory.
 */
public final class LambdaRuntime implements AutoCloseable {

  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  static {
    // Otherwise an event's second packet waits 40 ms for the client's delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer api;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Answer> answers = new ArrayBlockingQueue<>(16);
  private final Process process;
  private final Path log;
  private final Path task;
  private final long started = System.nanoTime();
  private final AtomicLong ready = new AtomicLong();
  private int invocations;

  private record Event(String id, String body, long deadline) {}

  /**
   * What the function answered.
   *
   * @param ok whether it returned a result; otherwise it threw
   * @param body the result, or the error with {@code errorMessage} and {@code errorType}
   */
  public record Answer(boolean ok, String body) {}

  private LambdaRuntime(List<String> java, Path jar, Map<String, String> environment)
      throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.setExecutor(threads);
    api.createContext(PREFIX, this::serve);
    api.start();
    log = Files.createTempFile("lambda", ".log");
    task = Files.createTempDirectory("task");
    Files.createSymbolicLink(
        Files.createDirectory(task.resolve("lib")).resolve("function.jar"), jar.toAbsolutePath());
    List<String> command = new ArrayList<>(java);
    command.addAll(
        List.of(
            "-cp",
            runtimeInterfaceClient(),
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
            "dev.pg2kinesis.Handler::handleRequest"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(task.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().putAll(environment);
    builder.environment().put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + api.getAddress().getPort());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    process = builder.start();
  }

  /**
   * Starts the deployable.
   *
   * @param jar {@code target/pg2kinesis-lambda.jar}
   * @param environment settings and whatever the AWS SDK needs; no other {@code AWS_} variable is
   *     passed on
   */
  public static LambdaRuntime start(Path jar, Map<String, String> environment) throws IOException {
    return start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // As Lambda sets it for its Java runtimes.
            "-XX:+TieredCompilation",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m"),
        jar,
        environment);
  }

  /**
   * Starts the deployable in another JVM.
   *
   * @param java the program and its options
   */
  public static LambdaRuntime start(List<String> java, Path jar, Map<String, String> environment)
      throws IOException {
    return new LambdaRuntime(java, jar, environment);
  }

  private static String runtimeInterfaceClient() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                Stream.of(
                        "runtime-interface-client",
                        "aws-lambda-java-serialization",
                        "aws-lambda-java-core",
                        "utils-lite")
                    .anyMatch(entry::contains))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Invokes the function and waits for its answer. */
  public Answer invoke(String event, Duration timeLimit) throws InterruptedException {
    String id = "request-" + ++invocations;
    events.add(new Event(id, event, System.currentTimeMillis() + timeLimit.toMillis()));
    long end = System.nanoTime() + timeLimit.plus(TIMEOUT).toNanos();
    while (System.nanoTime() < end) {
      Answer answer = answers.poll(100, TimeUnit.MILLISECONDS);
      if (answer != null) {
        return answer;
      }
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "the runtime ended with " + process.exitValue() + ": " + log());
      }
    }
    throw new IllegalStateException("no answer in the time limit: " + log());
  }

  /** The process's id, while it runs. */
  public long pid() {
    return process.pid();
  }

  /** What the process printed. */
  public List<String> log() {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      return List.of("no log: " + e.getMessage());
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(PREFIX.length());
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    if (path.equals("invocation/next")) {
      next(exchange);
      return;
    }
    answers.add(new Answer(path.endsWith("/response"), body));
    exchange.sendResponseHeaders(202, -1);
    exchange.close();
  }

  /** From the start of the process until it asked for its first event: Lambda's init phase. */
  public Duration init() throws InterruptedException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (ready.get() == 0 && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    if (ready.get() == 0) {
      throw new IllegalStateException("the runtime did not become ready: " + log());
    }
    return Duration.ofNanos(ready.get() - started);
  }

  private void next(HttpExchange exchange) throws IOException {
    ready.compareAndSet(0, System.nanoTime());
    try {
      Event event = events.take();
      exchange.getResponseHeaders().add("Lambda-Runtime-Aws-Request-Id", event.id());
      exchange
          .getResponseHeaders()
          .add("Lambda-Runtime-Deadline-Ms", Long.toString(event.deadline()));
      exchange
          .getResponseHeaders()
          .add(
              "Lambda-Runtime-Invoked-Function-Arn",
              "arn:aws:lambda:us-east-1:000000000000:function:pg2kinesis");
      // The client's native code does not survive an answer without a content type.
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      byte[] body = event.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.close();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    api.stop(0);
    threads.shutdownNow();
    Files.delete(log);
    Files.delete(task.resolve("lib/function.jar"));
    Files.delete(task.resolve("lib"));
    Files.delete(task);
  }
}

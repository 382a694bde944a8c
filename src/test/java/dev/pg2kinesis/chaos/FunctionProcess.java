package dev.pg2kinesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.WarmFunction;
import dev.pg2kinesis.error.CodedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real handler in a process of its own, which signals can kill and freeze. */
final class FunctionProcess implements Function {

  private static final String ANSWER = "answer: ";

  /**
   * What a process may use of the machine.
   *
   * @param fileBlocks how many blocks of 1 KiB a file may have, or "unlimited"
   * @param heapMegabytes the largest heap
   */
  record Bounds(String fileBlocks, int heapMegabytes) {
    static final Bounds AMPLE = new Bounds("unlimited", 256);
  }

  private final Gate gate;
  private final Process process;
  private final BufferedReader lines;

  /**
   * Starts it.
   *
   * @param environment its settings
   * @param temporary its directory for temporary files
   * @param bounds what it may use of the machine
   */
  FunctionProcess(Gate gate, Map<String, String> environment, Path temporary, Bounds bounds) {
    this.gate = gate;
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "bash",
                "-c",
                "ulimit -f " + bounds.fileBlocks() + "; exec \"$@\"",
                "bash",
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:+UseSerialGC",
                "-Xmx" + bounds.heapMegabytes() + "m",
                "-Djava.io.tmpdir=" + temporary,
                "-Djava.util.logging.config.file=src/test/resources/logging.properties",
                "-cp",
                System.getProperty("java.class.path"),
                FunctionProcess.class.getName()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().putAll(environment);
    for (String name : List.of("region", "accessKeyId", "secretAccessKey")) {
      builder.environment().put(variable(name), System.getProperty("aws." + name));
    }
    builder
        .environment()
        .put("AWS_ENDPOINT_URL_KINESIS", System.getProperty("aws.endpointUrlKinesis"));
    builder.environment().put("AWS_ENDPOINT_URL_SSM", System.getProperty("aws.endpointUrlSsm"));
    builder
        .environment()
        .put(
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            System.getProperty("aws.endpointUrlSecretsManager"));
    try {
      process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    gate.onKill(process::destroyForcibly);
  }

  private static String variable(String property) {
    return switch (property) {
      case "region" -> "AWS_REGION";
      case "accessKeyId" -> "AWS_ACCESS_KEY_ID";
      default -> "AWS_SECRET_ACCESS_KEY";
    };
  }

  @Override
  public Gate gate() {
    return gate;
  }

  @Override
  public String poll(long limitMillis) {
    try {
      process.getOutputStream().write((limitMillis + "\n").getBytes(UTF_8));
      process.getOutputStream().flush();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(ANSWER)) {
          return line.substring(ANSWER.length());
        }
      }
      return gate.closed() ? "KILLED" : "DIED";
    } catch (IOException e) {
      return gate.closed() ? "KILLED" : "DIED";
    }
  }

  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    gate.close();
  }

  /** Polls for each line it reads, which has the time limit in milliseconds. */
  public static void main(String[] arguments) throws IOException {
    WarmFunction function = WarmFunction.ofProcess();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer =
            function.invoke("{\"action\":\"poll\"}", Long.parseLong(line)).path("outcome").asText();
      } catch (CodedException e) {
        answer = InProcess.code(e);
      }
      System.out.println(ANSWER + answer);
    }
  }
}

package dev.pg2kinesis.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.postgres.Authority;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The stream's process, {@link EndpointProcess}. */
final class Endpoint implements AutoCloseable {

  static final String STREAM = "bench";

  private final Process process;
  private final BufferedReader answers;
  private final String plain;
  private final String secure;

  private Endpoint(Process process) throws IOException {
    this.process = process;
    this.answers = process.inputReader(UTF_8);
    this.plain = answers.readLine();
    this.secure = answers.readLine();
  }

  static Endpoint start(Authority.Issued issued) throws IOException {
    return new Endpoint(
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                EndpointProcess.class.getName(),
                issued.certificate().toString(),
                issued.key().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  String url(boolean tls) {
    return tls ? secure : plain;
  }

  /** What came since the last call. */
  Traffic taken() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      return Traffic.parse(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double cpuSeconds() {
    return Usage.of(process.pid()).cpuSeconds();
  }

  /** Ends the process by the end of its standard input. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process.onExit().join();
  }
}

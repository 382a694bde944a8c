package dev.pg2kinesis.chaos;

import dev.pg2kinesis.WarmFunction;
import dev.pg2kinesis.error.CodedException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The real handler in this process. */
final class InProcess implements Function {

  private final Gate gate;
  private final WarmFunction function;
  private volatile Duration ahead = Duration.ZERO;

  InProcess(Gate gate, Map<String, String> environment) {
    this.gate = gate;
    this.function =
        new WarmFunction(
            environment,
            new PrintStream(OutputStream.nullOutputStream(), true),
            () -> Instant.now().plus(ahead));
  }

  /** The process's clock is so far ahead of the world's from now on. */
  void setAhead(Duration newAhead) {
    ahead = newAhead;
  }

  /**
   * The error of an event that must not be obeyed.
   *
   * @return its message, or null if the event was obeyed
   */
  @Nullable String refusal(String event) {
    try {
      function.invoke(event, 20_000);
      return null;
    } catch (CodedException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public Gate gate() {
    return gate;
  }

  @Override
  public String poll(long limitMillis) {
    try {
      return function.invoke("{\"action\":\"poll\"}", limitMillis).path("outcome").asText();
    } catch (CodedException e) {
      return code(e);
    }
  }

  /** The code that a message begins with, and for what it should not be the message too. */
  static String code(CodedException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf(':');
    return end < 0 ? message : message.substring(0, end);
  }

  @Override
  public void close() {
    function.close();
    gate.close();
  }
}

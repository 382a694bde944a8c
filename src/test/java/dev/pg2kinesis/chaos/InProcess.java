package dev.pg2kinesis.chaos;

import dev.pg2kinesis.WarmFunction;
import dev.pg2kinesis.error.CodedException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;

/** The real handler in this process. */
final class InProcess implements Function {

  private final Gate gate;
  private final WarmFunction function;

  InProcess(Gate gate, Map<String, String> environment) {
    this.gate = gate;
    this.function =
        new WarmFunction(environment, new PrintStream(OutputStream.nullOutputStream(), true));
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

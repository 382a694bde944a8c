package dev.pg2kinesis.endtoend;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is measured: a row of the table.
 *
 * @param program that took the changes off the server
 * @param plugin of the slot
 * @param records format and packing, or empty
 * @param process its compiler, memory and processor, or empty
 * @param memoryMegabytes of a function, or 0
 * @param tls whether it spoke TLS to the server and to the stream
 * @param changes how many there were
 * @param run {@code cold} from the start of the process, {@code warm} from the third invocation's
 */
record Row(
    String program,
    String plugin,
    String records,
    String process,
    int memoryMegabytes,
    boolean tls,
    long changes,
    String run) {

  @Override
  public String toString() {
    return Stream.of(program, plugin, records, process, tls ? "TLS" : "no TLS", run)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }

  static final String COUNT = "`count(*)` of the peek";
  static final String DEBEZIUM = "Debezium's engine";

  static final String COLD = "cold";
  static final String WARM = "warm";
}

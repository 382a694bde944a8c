package dev.pg2kinesis.endtoend;

import dev.pg2kinesis.lambda.StackOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What compiles a function's code, besides the options that Lambda itself sets. */
enum Compiler {
  /** The options that the template has by default. */
  STACK("stack's"),
  /** The first tier only, Lambda's own choice. */
  C1("C1"),
  /** All tiers, and nothing more. */
  C2("C2");

  private final String title;

  Compiler(String title) {
    this.title = title;
  }

  /** How tables call it. */
  String title() {
    return title;
  }

  /** Options of the JVM; of two that say the same, the last counts. */
  List<String> options() throws IOException {
    List<String> options =
        new ArrayList<>(
            List.of("-XX:+TieredCompilation", "-XX:TieredStopAtLevel=" + (this == C2 ? "4" : "1")));
    if (this == STACK) {
      options.addAll(StackOptions.read());
    }
    return options;
  }
}

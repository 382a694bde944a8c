package dev.pg2kinesis.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options that a stack gives its JVM: the default of the template's {@code JavaToolOptions}.
 */
public final class StackOptions {

  private static final Pattern DEFAULT =
      Pattern.compile(
          "\\n  JavaToolOptions:\\n    Type: String\\n    Default: >-\\n((?: {6}\\S+\\n)+)");

  private StackOptions() {}

  /**
   * Reads them.
   *
   * @throws IllegalStateException if {@code template.yaml} does not have them one a line
   */
  public static List<String> read() throws IOException {
    Matcher matcher = DEFAULT.matcher(Files.readString(Path.of("template.yaml")));
    if (!matcher.find()) {
      throw new IllegalStateException("template.yaml has no default of JavaToolOptions");
    }
    return matcher.group(1).lines().map(String::strip).toList();
  }
}

package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.slot.SlotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operator's table of error codes has every code of the code, and no other. */
class ErrorCodesTest {

  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path OPERATIONS = Path.of("src/docs/operations.md");

  /** The third cell of each row of the table that begins with that header, by the first cell. */
  private static Map<String, String> table(String header) {
    String text = read(OPERATIONS);
    int start = text.indexOf(header);
    assertThat(start).as(header).isPositive();
    Map<String, String> entries = new HashMap<>();
    text.substring(start, text.indexOf("\n\n", start))
        .lines()
        .skip(2)
        .forEach(
            line -> {
              String[] cells = line.split(" *\\| *", -1);
              String code = cells[1].replace("`", "");
              assertThat(entries.put(code, cells[3])).as("a second row of %s", code).isNull();
            });
    return entries;
  }

  private static Map<String, String> codes() {
    return table("| code | what happened | missing? |");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> matches(String source, String pattern) {
    return Pattern.compile(pattern)
        .matcher(source)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  /**
   * The constants of its enum {@code Code} if it has one, and whole literals in snake case; none if
   * it takes the code of its cause.
   */
  private static Set<String> codesOf(Path exception) {
    String source = read(exception);
    Set<String> codes = new HashSet<>(matches(source, "\"([A-Z]+(?:_[A-Z]+)+)\""));
    if (source.contains("enum Code ")) {
      String name = SOURCES.relativize(exception).toString().replace(".java", "$Code");
      try {
        for (Object code : Class.forName(name.replace('/', '.')).getEnumConstants()) {
          codes.add(((Enum<?>) code).name());
        }
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    assertThat(codes.isEmpty())
        .as("%s has no code", exception)
        .isEqualTo(source.contains("cause.codeName()"));
    return codes;
  }

  @Test
  void listsEveryCodeAndNoOther() {
    Set<String> codes = new TreeSet<>();
    for (Path source : sources()) {
      if (read(source).contains("extends CodedException")) {
        codes.addAll(codesOf(source));
      }
    }

    assertThat(codes().keySet()).containsExactlyInAnyOrderElementsOf(codes);
  }

  @Test
  void listsEveryFindingOfStatusAndNoOther() {
    Set<String> findings = new TreeSet<>();
    for (Path source : sources()) {
      findings.addAll(
          matches(read(source), "Finding\\.(?:info|warning|error)\\(\\s*\"([A-Z_]+)\""));
    }
    assertThat(findings).isNotEmpty();
    findings.removeAll(codes().keySet());

    assertThat(table("| finding | means |").keySet()).containsExactlyInAnyOrderElementsOf(findings);
  }

  @ParameterizedTest
  @EnumSource(SlotException.Code.class)
  void saysAsTheMessageWhetherChangesMayBeMissing(SlotException.Code code) {
    String message = new SlotException(code, "It failed.", null).getMessage();

    assertThat(message)
        .endsWith(
            switch (String.valueOf(codes().get(code.name()))) {
              case "no" -> " Nothing is lost: the slot keeps its place.";
              case "maybe" -> " Changes may be missing from the stream.";
              case "yes" -> " Changes are missing from the stream.";
              default -> "It failed.";
            });
  }
}

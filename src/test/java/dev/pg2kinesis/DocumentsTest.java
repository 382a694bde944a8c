package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents point to exists. */
class DocumentsTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^):\\s#]*)(?:#([^)]+))?\\)");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*[a-z0-9](?:Test|IT))`");
  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z][A-Za-z0-9]*)`");
  private static final Pattern COMMAND = Pattern.compile("\\bscripts/([a-z][a-z-]*(?:\\.sql)?)");

  static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("src/docs"));
        Stream<Path> github = Files.list(Path.of(".github"))) {
      return Stream.concat(Stream.of(Path.of("README.md")), Stream.concat(docs, github))
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) {
    for (Matcher link = LINK.matcher(read(document)); link.find(); ) {
      Path target =
          link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
      assertThat(target).as(link.group()).exists();
      if (link.group(2) != null) {
        assertThat(headings(target)).as(link.group()).contains(link.group(2));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void testsAndScriptsThatAreNamedExist(Path document) throws IOException {
    String text = read(document);

    assertThat(missing(found(TEST, text))).isEmpty();
    assertThat(found(COMMAND, text))
        .allSatisfy(script -> assertThat(Path.of("scripts", script)).exists());
  }

  @Test
  void theArchitectureNamesClassesThatExistAndEveryPackage() throws IOException {
    String architecture = read(Path.of("src/docs/architecture.md"));
    Path root = Path.of("src/main/java/dev/pg2kinesis");
    Set<String> packages;
    try (Stream<Path> files = Files.walk(root)) {
      packages =
          files
              .filter(file -> file.endsWith("package-info.java"))
              .flatMap(file -> Stream.ofNullable(root.relativize(file).getParent()))
              .map(folder -> folder.toString().replace('/', '.'))
              .map(name -> "`." + name + "`")
              .collect(Collectors.toSet());
    }

    assertThat(missing(found(CLASS, architecture))).isEmpty();
    assertThat(packages).isNotEmpty();
    assertThat(architecture).contains(packages);
  }

  /** If not: {@code scripts/bench plot}. */
  @Test
  void thePlotsAreThoseOfTheTables(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "src/bench/java/dev/pg2kinesis/Plot.java",
                folder.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    for (String plot : List.of("drain.svg", "quota.svg")) {
      assertThat(folder.resolve(plot)).hasSameTextualContentAs(Path.of("src/docs", plot));
    }
  }

  /** The names that are no class of this project. */
  private static Set<String> missing(Set<String> names) throws IOException {
    Set<String> missing = new TreeSet<>(names);
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .forEach(missing::remove);
    }
    return missing;
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).collect(Collectors.toSet());
  }

  /** The anchors that GitHub gives to headings. */
  private static Set<String> headings(Path document) {
    return read(document)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.pg2kinesis.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The SBOM names what the deployable holds, no more and no less, in the versions it holds: each
 * class of the deployable is compared, by name and checksum, with the jars of the SBOM's
 * components.
 */
class SbomIT {

  private static final Path SBOM = Path.of("target/pg2kinesis-lambda.cdx.json");
  private static final Path DEPLOYABLE = Path.of("target/pg2kinesis-lambda.jar");

  private static final Pattern CLASS_PATH = Pattern.compile(File.pathSeparator, Pattern.LITERAL);

  private static JsonNode sbom;

  /** The checksum of each class of the deployable that is not this project's. */
  private static Map<String, Long> foreign;

  /** The classes of each component, by the component's URL. */
  private static Map<String, Map<String, Long>> components;

  @BeforeAll
  static void read() throws IOException {
    assumeTrue(
        Files.exists(SBOM)
            && Files.getLastModifiedTime(SBOM).compareTo(Files.getLastModifiedTime(DEPLOYABLE))
                >= 0,
        "no SBOM of this build: Maven makes none with -o");
    sbom = new ObjectMapper().readTree(Files.readAllBytes(SBOM));
    foreign = new TreeMap<>(classes(DEPLOYABLE));
    foreign.keySet().removeIf(name -> name.startsWith("dev/pg2kinesis/"));
    components = new TreeMap<>();
    for (JsonNode component : sbom.get("components")) {
      components.put(component.get("purl").asText(), classes(jar(component)));
    }
  }

  @Test
  void everyClassIsOneOfAComponents() {
    Map<String, Set<Long>> known = new HashMap<>();
    for (Map<String, Long> classes : components.values()) {
      classes.forEach(
          (name, checksum) -> known.computeIfAbsent(name, n -> new TreeSet<>()).add(checksum));
    }

    assertThat(foreign).isNotEmpty();
    List<String> unknown = new ArrayList<>();
    foreign.forEach(
        (name, checksum) -> {
          if (!known.getOrDefault(name, Set.of()).contains(checksum)) {
            unknown.add(name);
          }
        });
    assertThat(unknown).as("classes of no component").isEmpty();
  }

  @Test
  void everyComponentIsInTheDeployable() {
    List<String> absent = new ArrayList<>();
    components.forEach(
        (purl, classes) -> {
          boolean held =
              classes.entrySet().stream()
                  .anyMatch(entry -> entry.getValue().equals(foreign.get(entry.getKey())));
          if (!held) {
            absent.add(purl);
          }
        });
    assertThat(absent).as("components that the deployable does not hold").isEmpty();
  }

  @Test
  void describesThisVersionInTheNewestFormThatReadersKnow() {
    assertThat(sbom.get("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(sbom.get("specVersion").asText()).isEqualTo("1.6");
    assertThat(sbom.at("/metadata/component/purl").asText())
        .startsWith("pkg:maven/dev.pg2kinesis/pg2kinesis-lambda@");
  }

  /** The same sources make the same bytes, whenever and wherever they are built. */
  @Test
  void holdsNeitherTheTimeNorThePlaceOfTheBuild() throws IOException {
    assertThat(sbom.at("/metadata/timestamp").isMissingNode()).isTrue();
    assertThat(Files.readString(SBOM))
        .doesNotContain(Path.of("").toAbsolutePath().toString())
        .doesNotContain(System.getProperty("user.home"));
  }

  /** The component's jar on the tests' class path, which holds the runtime's. */
  private static Path jar(JsonNode component) {
    String name = component.get("name").asText();
    String version = component.get("version").asText();
    String end =
        String.join(
            File.separator,
            component.get("group").asText().replace('.', File.separatorChar),
            name,
            version,
            name + "-" + version + ".jar");
    return CLASS_PATH
        .splitAsStream(System.getProperty("java.class.path"))
        .filter(entry -> entry.endsWith(File.separator + end))
        .map(Path::of)
        .findFirst()
        .orElseThrow(() -> new AssertionError("not on the class path: " + end));
  }

  private static Map<String, Long> classes(Path jar) throws IOException {
    Map<String, Long> classes = new HashMap<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".class")) {
          classes.put(entry.getName(), entry.getCrc());
        }
      }
    }
    return classes;
  }
}

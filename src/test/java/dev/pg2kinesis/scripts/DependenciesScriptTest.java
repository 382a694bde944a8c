package dev.pg2kinesis.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.pg2kinesis.scripts.Script.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code .ci/dependencies} says of an SBOM, with a vulnerability database whose answers are
 * given.
 */
class DependenciesScriptTest {

  private static final String NOTHING_KNOWN = "{\"results\":[{},{}]}";

  private final List<String> asked = new ArrayList<>();

  @TempDir private Path folder;
  private HttpServer database;
  private int status = 200;
  private String answer = NOTHING_KNOWN;

  @BeforeEach
  void start() throws IOException {
    database = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    database.createContext(
        "/v1/querybatch",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    database.start();
  }

  @AfterEach
  void stop() {
    database.stop(0);
  }

  private static String component(String name, String licences) {
    return "{\"purl\":\"pkg:maven/g/" + name + "@1.0?type=jar\",\"licenses\":[" + licences + "]}";
  }

  private static String id(String licence) {
    return "{\"license\":{\"id\":\"" + licence + "\"}}";
  }

  private Script judging(String... components) {
    String all = List.of(components).stream().collect(Collectors.joining(","));
    Path sbom = folder.resolve("sbom.json");
    try {
      Files.writeString(sbom, "{\"bomFormat\":\"CycloneDX\",\"components\":[" + all + "]}");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new Script(".ci/dependencies", sbom.toString())
        .with("OSV_URL", "http://127.0.0.1:" + database.getAddress().getPort());
  }

  private Script judgingTwo() {
    return judging(component("a", id("MIT")), component("b", id("Apache-2.0")));
  }

  @Test
  void countsTheLicencesAndAsksForEachComponent() {
    Ended ended = judgingTwo().run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out())
        .contains("dependencies: Apache-2.0 1, MIT 1")
        .contains("OSV knows no vulnerability of 2 components");
    assertThat(asked)
        .containsExactly(
            "{\"queries\":[{\"package\":{\"purl\":\"pkg:maven/g/a@1.0\"}},"
                + "{\"package\":{\"purl\":\"pkg:maven/g/b@1.0\"}}]}");
  }

  @Test
  void aLicenceThatIsNotAllowedIsNamedWithItsComponent() {
    Ended ended =
        judging(
                component("fine", id("MIT")),
                component("choice", id("GPL-2.0-only") + "," + id("MIT")),
                component("viral", id("AGPL-3.0-only")),
                component("named", "{\"license\":{\"name\":\"Own licence\"}}"),
                component("expression", "{\"expression\":\"SSPL-1.0\"}"),
                component("silent", ""))
            .run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("licences that are not allowed")
        .contains("pkg:maven/g/viral@1.0?type=jar: AGPL-3.0-only")
        .contains("pkg:maven/g/named@1.0?type=jar: Own licence")
        .contains("pkg:maven/g/expression@1.0?type=jar: SSPL-1.0")
        .contains("pkg:maven/g/silent@1.0?type=jar: names no licence")
        .doesNotContain("g/fine@")
        .doesNotContain("g/choice@");
  }

  @Test
  void aKnownVulnerabilityIsNamedWithItsComponent() {
    answer = "{\"results\":[{},{\"vulns\":[{\"id\":\"GHSA-1\"},{\"id\":\"GHSA-2\"}]}]}";

    Ended ended = judgingTwo().run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("pkg:maven/g/b@1.0: https://osv.dev/vulnerability/GHSA-1")
        .contains("pkg:maven/g/b@1.0: https://osv.dev/vulnerability/GHSA-2")
        .doesNotContain("g/a@");
  }

  @Test
  void anAcceptedVulnerabilityPasses() {
    answer = "{\"results\":[{\"vulns\":[{\"id\":\"GHSA-1\"}]},{}]}";

    assertThat(judgingTwo().with("ACCEPTED_VULNERABILITIES", "GHSA-11 GHSA").run().status())
        .isEqualTo(1);
    assertThat(judgingTwo().with("ACCEPTED_VULNERABILITIES", "GHSA-0 GHSA-1").run().status())
        .isZero();
  }

  @Test
  void aDatabaseThatCannotBeAskedIsSaidAndNoFailure() {
    Script script = judgingTwo().with("GITHUB_ACTIONS", "true");
    database.stop(0);

    Ended ended = script.run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out())
        .contains("::warning::Vulnerabilities were not looked up")
        .contains("OSV could not be asked (curl: ")
        .contains("VULNERABILITIES WERE NOT LOOKED UP")
        .doesNotContain("knows no vulnerability");
  }

  @Test
  void aDatabaseWithAFaultIsSaidAndNoFailure() {
    status = 503;

    Ended ended = judgingTwo().run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out()).contains("OSV could not be asked (HTTP status 503)");
  }

  @Test
  void aQuestionThatIsRefusedFails() {
    status = 400;
    answer = "{\"code\":3,\"message\":\"Invalid query.\"}";

    Ended ended = judgingTwo().run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("HTTP status 400").contains("Invalid query.");
  }

  @Test
  void anAnswerThatLeavesComponentsOutFails() {
    answer = "{\"results\":[{}]}";

    Ended ended = judgingTwo().run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("did not answer for each component");
  }

  @Test
  void anSbomThatIsMissingOrEmptyFails() {
    assertThat(new Script(".ci/dependencies", "no/such.json").run().err())
        .contains("no/such.json is missing: run ./mvnw package");
    Ended empty = judging().run();
    assertThat(empty.status()).isEqualTo(1);
    assertThat(empty.err()).contains("is not a CycloneDX SBOM with components");
    assertThat(asked).isEmpty();
  }
}

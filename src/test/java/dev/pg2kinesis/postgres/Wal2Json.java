package dev.pg2kinesis.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * wal2json for PostgreSQL 15, which does not come with the server: Debian's package {@code
 * postgresql-15-wal2json} has a library that the test server can load.
 */
public final class Wal2Json {

  /** The server that the library is for. */
  public static final int MAJOR = 15;

  private static final Path DIRECTORY =
      Path.of(System.getProperty("wal2json.directory", "/usr/lib/postgresql/15/lib"));

  private Wal2Json() {}

  /** Whether the library is there; see {@link #missing}. */
  public static boolean isInstalled() {
    return Files.isReadable(library());
  }

  /** The library's file on this machine. */
  public static Path library() {
    return DIRECTORY.resolve("wal2json.so");
  }

  /** What to say of a test that is skipped because the library is not there. */
  public static String missing() {
    return DIRECTORY
        + "/wal2json.so is not there: install Debian's postgresql-15-wal2json, or name the"
        + " library's directory with -Dwal2json.directory";
  }

  /** What the server must be started with. */
  public static Map<String, String> settings() {
    return Map.of(
        "dynamic_library_path",
        "$libdir:" + DIRECTORY,
        "output_plugin_libraries",
        "pgoutput, test_decoding, wal2json");
  }
}

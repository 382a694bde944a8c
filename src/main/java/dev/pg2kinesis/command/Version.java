package dev.pg2kinesis.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The product's version. The build copies it from the pom into a resource. */
public final class Version {

  /** For example {@code 1.0.0}; the {@code debezium} format puts it into every record. */
  public static final String CURRENT = read();

  private Version() {}

  private static String read() {
    try (InputStream version = Version.class.getResourceAsStream("version.txt")) {
      if (version == null) {
        throw new IllegalStateException("version.txt is not beside Version.class: build again");
      }
      return new String(version.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

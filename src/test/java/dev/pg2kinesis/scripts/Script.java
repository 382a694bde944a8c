package dev.pg2kinesis.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/** A command of the project's folder, with the environment it shall see. */
public final class Script {

  private final List<String> command;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String input = "";

  public Script(String... command) {
    this.command = new ArrayList<>(List.of(command));
  }

  /**
   * What a command printed, and how it ended.
   *
   * @param status the exit status
   * @param out standard output
   * @param err standard error
   */
  public record Ended(int status, String out, String err) {

    /** Both outputs, for what may be on either. */
    public String text() {
      return out + err;
    }
  }

  public Script arguments(String... arguments) {
    command.addAll(List.of(arguments));
    return this;
  }

  public Script with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public Script with(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  /** The command finds the programs of this folder before those of the machine. */
  Script finding(Path programs) {
    return with("PATH", programs + ":" + System.getenv("PATH"));
  }

  /** What the command reads from its standard input; nothing unless said. */
  Script reading(String text) {
    this.input = text;
    return this;
  }

  public Ended run() {
    try {
      Path err = Files.createTempFile("script", ".err");
      Process process = start(err);
      try {
        process.getOutputStream().write(input.getBytes(UTF_8));
        process.getOutputStream().close();
      } catch (IOException e) {
        // A command that reads nothing may have ended before.
        process.getOutputStream();
      }
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      int status = process.waitFor();
      String errors = Files.readString(err);
      Files.delete(err);
      return new Ended(status, out, errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process start(Path err) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new TestAbortedException("needs " + command.get(0), e);
    }
  }

  /** Puts a program into a folder, for {@link #finding}. */
  static void program(Path folder, String name, String text) {
    Path file = folder.resolve(name);
    try {
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.pg2kinesis.kinesis;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The installed npm package: {@code npm ci} of {@code src/test/kinesis-local} in {@code
 * target/kinesis-local}, once per content of its lock file.
 */
final class KinesisLocalPackage {

  private static final Path SOURCE = Path.of("src", "test", "kinesis-local");
  private static final Path TARGET = Path.of("target", "kinesis-local");
  private static final String LOCK_FILE = "package-lock.json";

  private KinesisLocalPackage() {}

  /** The folder that holds {@code node_modules/kinesis-local}. */
  static Path installed() throws IOException, InterruptedException {
    Files.createDirectories(TARGET);
    try (FileChannel channel =
            FileChannel.open(
                TARGET.resolve(".installing"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid() || !isInstalled()) {
        install();
      }
    }
    return TARGET;
  }

  private static boolean isInstalled() throws IOException {
    Path installed = TARGET.resolve(LOCK_FILE);
    return Files.exists(TARGET.resolve("node_modules/.package-lock.json"))
        && Files.exists(installed)
        && Files.mismatch(installed, SOURCE.resolve(LOCK_FILE)) == -1;
  }

  private static void install() throws IOException, InterruptedException {
    requireCommand("node");
    requireCommand("npm");
    System.out.println("Installing kinesis-local (npm ci) in " + TARGET + ", once …");
    Files.deleteIfExists(TARGET.resolve("node_modules/.package-lock.json"));
    for (String file : new String[] {"package.json", LOCK_FILE}) {
      Files.copy(SOURCE.resolve(file), TARGET.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Path log = TARGET.resolve("npm-ci.txt");
    int exit =
        new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund")
            .directory(TARGET.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0) {
      KinesisLocal.abort("npm ci of kinesis-local failed, see " + log);
    }
  }

  private static void requireCommand(String command) throws InterruptedException {
    try {
      new ProcessBuilder(command, "--version")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      KinesisLocal.abort("kinesis-local needs Node.js 18 or newer: no '" + command + "' command");
    }
  }
}

package dev.pg2kinesis.containers;

import dev.pg2kinesis.postgres.PostgresEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.MountableFile;

/** PostgreSQL's official images. */
public final class PostgresContainers implements PostgresEngine {

  @Override
  public Running start(int major, Map<String, String> settings) {
    Engine.require();
    String image = "postgres:" + major;
    PostgreSQLContainer container =
        new PostgreSQLContainer(image).withUsername("postgres").withPassword("postgres");
    List<String> command = new ArrayList<>(List.of("postgres"));
    settings.forEach(
        (name, value) -> {
          command.add("-c");
          command.add(name + "=" + value);
          // A setting that is a file of the test is one at the same place in the container.
          if (value.startsWith("/") && Files.isRegularFile(Path.of(value))) {
            container.withCopyFileToContainer(MountableFile.forHostPath(value), value);
          }
        });
    container.setCommand(command.toArray(new String[0]));
    Engine.start(container, image);
    return new Running() {
      @Override
      public int port() {
        return container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
      }

      @Override
      public void close() {
        container.stop();
      }
    };
  }
}

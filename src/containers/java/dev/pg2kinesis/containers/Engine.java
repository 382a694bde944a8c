package dev.pg2kinesis.containers;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;

/** Starts and stops containers. What is missing is an error: who names the profile wants them. */
final class Engine {

  private static final Set<GenericContainer<?>> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(GenericContainer::stop), "containers"));
  }

  private Engine() {}

  /** To be asked before a container is made, as Testcontainers looks for an engine then. */
  static void require() {
    boolean available;
    try {
      available = DockerClientFactory.instance().isDockerAvailable();
    } catch (RuntimeException e) {
      // Inside of a container Testcontainers first starts another one to find out its host.
      throw new IllegalStateException("the container engine does not start containers", e);
    }
    if (!available) {
      throw new IllegalStateException(
          "the profile 'containers' needs a container engine (Debian: docker.io, and dockerd"
              + " running); without the profile the tests need none");
    }
  }

  static void start(GenericContainer<?> container, String image) {
    try {
      container.start();
    } catch (ContainerFetchException e) {
      throw new IllegalStateException("there is no image here: docker pull " + image, e);
    }
    RUNNING.add(container);
  }

  static void stop(GenericContainer<?> container) {
    RUNNING.remove(container);
    container.stop();
  }
}

package dev.pg2kinesis.containers;

import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;

/** Starts containers, or says what is missing. */
final class Engine {

  private Engine() {}

  /** To be asked before a container is made, as Testcontainers looks for an engine then. */
  static void require() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new TestAbortedException(
          "the profile 'containers' needs a container engine (Debian: docker.io, and dockerd"
              + " running); without the profile the tests need none");
    }
  }

  static void start(GenericContainer<?> container, String image) {
    try {
      container.start();
    } catch (ContainerFetchException e) {
      throw new TestAbortedException("there is no image here: docker pull " + image, e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
  }
}

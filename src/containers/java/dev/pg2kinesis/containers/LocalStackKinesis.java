package dev.pg2kinesis.containers;

import dev.pg2kinesis.kinesis.KinesisEngine;
import java.net.URI;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/** The Kinesis of LocalStack. */
public final class LocalStackKinesis implements KinesisEngine {

  /** The last image that starts without an account's token: the community project ended with it. */
  private static final String IMAGE = "localstack/localstack:4.14.0";

  @Override
  public Running start() {
    Engine.require();
    LocalStackContainer container =
        new LocalStackContainer(DockerImageName.parse(IMAGE)).withServices("kinesis");
    Engine.start(container, IMAGE);
    return new Running() {
      @Override
      public URI endpoint() {
        return container.getEndpoint();
      }

      @Override
      public boolean isAlive() {
        return container.isRunning();
      }

      @Override
      public void close() {
        container.stop();
      }
    };
  }
}

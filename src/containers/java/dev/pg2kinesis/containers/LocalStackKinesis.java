package dev.pg2kinesis.containers;

import dev.pg2kinesis.kinesis.KinesisEngine;
import java.net.URI;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The Kinesis of LocalStack, which fetches it from the npm registry at its first request: it is
 * kinesis-local, as without the profile, in another version and behind another server. LocalStack's
 * Secrets Manager and Parameter Store are moto, which the tests use directly, since they also need
 * its IAM rules; so they would judge nothing that is not judged already.
 */
public final class LocalStackKinesis implements KinesisEngine {

  /** The last image that starts without an account's token: the community project ended with it. */
  private static final String IMAGE = "localstack/localstack:4.14.0";

  @Override
  public Running start() {
    Engine.require();
    LocalStackContainer container =
        new LocalStackContainer(DockerImageName.parse(IMAGE))
            .withServices("kinesis")
            // Otherwise a stream becomes active after half a second, and whoever waits for it looks
            // again only 10 s later.
            .withEnv("KINESIS_LATENCY", "0")
            .withEnv("KINESIS_SHARD_LIMIT", "1000")
            .withEnv("KINESIS_PERSISTENCE", "0")
            .withEnv("EAGER_SERVICE_LOADING", "1")
            .withEnv("LS_LOG", "warn");
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
        Engine.stop(container);
      }
    };
  }
}

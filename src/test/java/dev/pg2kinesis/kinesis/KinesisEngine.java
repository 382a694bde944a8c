package dev.pg2kinesis.kinesis;

import java.net.URI;

/** Another Kinesis endpoint than the npm package; {@code kinesis.engine} names its class. */
public interface KinesisEngine {

  /** Starts an endpoint, region us-east-1. */
  Running start();

  /** An endpoint on this machine. */
  interface Running extends AutoCloseable {

    URI endpoint();

    boolean isAlive();

    @Override
    void close();
  }
}

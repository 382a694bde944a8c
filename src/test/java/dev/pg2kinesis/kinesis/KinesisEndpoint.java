package dev.pg2kinesis.kinesis;

import java.net.URI;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** A Kinesis endpoint on this machine. */
public interface KinesisEndpoint extends AutoCloseable {

  URI endpoint();

  /** A consumer's client. */
  KinesisClient client();

  /** Creates a stream and waits until it is active. */
  void addStream(String name, int shards);

  @Override
  void close();
}

package dev.pg2kinesis.publish;

import org.jspecify.annotations.Nullable;

/** A publisher to one of several streams. */
public interface StreamPublisher extends Publisher {

  /** Sends every record taken so far, packed or not, without waiting. {@link #flush()} follows. */
  void urge();

  /** Why publishing has stopped, other than for lack of time; null while it has not. */
  @Nullable PublishException failure();

  /** Stops sending as {@link #close()} does, which follows, and does not wait. */
  void stop();
}

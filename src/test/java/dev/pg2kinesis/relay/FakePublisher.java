package dev.pg2kinesis.relay;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.Publisher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A publisher over a list: what is acknowledged is in {@code stream}. */
final class FakePublisher implements Publisher {

  private final List<StreamRecord> stream;
  private final Life life;
  private final List<StreamRecord> waiting = new ArrayList<>();
  private long acknowledged;

  /** Fails with this ... */
  PublishException.@Nullable Code failWith;

  /** ... once so many records are acknowledged. */
  int failAfter;

  Runnable onPublish = () -> {};

  FakePublisher(List<StreamRecord> stream, Life life) {
    this.stream = stream;
    this.life = life;
  }

  @Override
  public void publish(StreamRecord streamRecord) {
    onPublish.run();
    life.at(Life.Point.IN_PUBLISH);
    waiting.add(streamRecord);
  }

  @Override
  public void flush() {
    life.at(Life.Point.BEFORE_FLUSH);
    while (!waiting.isEmpty()) {
      if (failWith != null && acknowledged == failAfter) {
        throw new PublishException(failWith, "as told", null);
      }
      life.at(Life.Point.IN_FLUSH);
      stream.add(waiting.remove(0));
      acknowledged++;
    }
  }

  @Override
  public long acknowledged() {
    return acknowledged;
  }

  @Override
  public Totals totals() {
    return new Totals(acknowledged, 0, 0);
  }

  @Override
  public void close() {}
}

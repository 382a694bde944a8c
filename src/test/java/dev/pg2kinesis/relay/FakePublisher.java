package dev.pg2kinesis.relay;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.StreamPublisher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A publisher over a list: what is acknowledged is in {@code stream}. */
final class FakePublisher implements StreamPublisher {

  private final List<StreamRecord> stream;
  private final Life life;
  private final Script script;
  private final List<StreamRecord> waiting = new ArrayList<>();
  private long acknowledged;
  private @Nullable PublishException failure;

  /**
   * What happens to a publisher.
   *
   * @param onPublish before each record that it takes
   * @param failWith what it fails with, if it does ...
   * @param failAfter ... once this many records are acknowledged
   */
  record Script(Runnable onPublish, PublishException.@Nullable Code failWith, long failAfter) {

    static final Script NOTHING = new Script(() -> {}, null, 0);

    static Script onPublish(Runnable action) {
      return new Script(action, null, 0);
    }

    static Script failing(PublishException.Code code, long after) {
      return NOTHING.butFailing(code, after);
    }

    Script butFailing(PublishException.Code code, long after) {
      return new Script(onPublish, code, after);
    }
  }

  FakePublisher(List<StreamRecord> stream, Life life, Script script) {
    this.stream = stream;
    this.life = life;
    this.script = script;
  }

  @Override
  public void publish(StreamRecord streamRecord) {
    script.onPublish().run();
    life.at(Life.Point.IN_PUBLISH);
    waiting.add(streamRecord);
  }

  @Override
  public void flush() {
    life.at(Life.Point.BEFORE_FLUSH);
    while (!waiting.isEmpty()) {
      PublishException.Code code = script.failWith();
      if (code != null && acknowledged == script.failAfter()) {
        PublishException e = new PublishException(code, "as told", null);
        failure = code == PublishException.Code.DEADLINE ? null : e;
        throw e;
      }
      life.at(Life.Point.IN_FLUSH);
      stream.add(waiting.remove(0));
      acknowledged++;
    }
  }

  @Override
  public void urge() {}

  @Override
  public @Nullable PublishException failure() {
    return failure;
  }

  @Override
  public void stop() {}

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

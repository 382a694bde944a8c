package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.watermark.Watermark;
import org.jspecify.annotations.Nullable;

/** A watermark in a parameter that outlives the process. */
public final class FakeWatermark implements Watermark {

  private final Parameter parameter;
  private final Life life;
  private final @Nullable Place resumeAt;

  /** What is stored. */
  public static final class Parameter {
    public Lsn moved;
    public @Nullable Lsn published;
    @Nullable Place place;
    int writes;

    public Parameter(Lsn moved) {
      this.moved = moved;
    }
  }

  public FakeWatermark(Parameter parameter, Life life) {
    this.parameter = parameter;
    this.life = life;
    this.resumeAt = parameter.place;
  }

  @Override
  public @Nullable Place resumeAt() {
    return resumeAt;
  }

  @Override
  public void advancing(Lsn to, @Nullable Lsn published) {
    life.at(Life.Point.BEFORE_WATERMARK);
    parameter.moved = to;
    parameter.published = published == null ? parameter.published : published;
    Place place = parameter.place;
    if (place != null && !place.commit().isAfter(to)) {
      parameter.place = null;
    }
    parameter.writes++;
    life.at(Life.Point.AFTER_WATERMARK);
  }

  @Override
  public boolean reached(Place place) {
    life.at(Life.Point.BEFORE_WATERMARK);
    parameter.place = place;
    parameter.writes++;
    life.at(Life.Point.AFTER_WATERMARK);
    return true;
  }
}

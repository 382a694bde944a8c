package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.watermark.ResumePoint;
import dev.pg2kinesis.watermark.Watermark;
import org.jspecify.annotations.Nullable;

/** A watermark in a parameter that outlives the process. */
public final class FakeWatermark implements Watermark {

  private final Parameter parameter;
  private final Life life;
  private final @Nullable ResumePoint resumePoint;

  /** What is stored. */
  public static final class Parameter {
    public Lsn moved;
    public @Nullable Lsn published;
    @Nullable ResumePoint resumePoint;
    int writes;

    public Parameter(Lsn moved) {
      this.moved = moved;
    }
  }

  public FakeWatermark(Parameter parameter, Life life) {
    this.parameter = parameter;
    this.life = life;
    this.resumePoint = parameter.resumePoint;
  }

  @Override
  public @Nullable ResumePoint resumePoint() {
    return resumePoint;
  }

  @Override
  public void beforeAdvance(Lsn to, @Nullable Lsn lastPublished) {
    life.at(Life.Point.BEFORE_WATERMARK);
    parameter.moved = to;
    parameter.published = lastPublished == null ? parameter.published : lastPublished;
    ResumePoint point = parameter.resumePoint;
    if (point != null && !point.commit().isAfter(to)) {
      parameter.resumePoint = null;
    }
    parameter.writes++;
    life.at(Life.Point.AFTER_WATERMARK);
  }

  @Override
  public boolean saveResumePoint(ResumePoint point) {
    life.at(Life.Point.BEFORE_WATERMARK);
    parameter.resumePoint = point;
    parameter.writes++;
    life.at(Life.Point.AFTER_WATERMARK);
    return true;
  }
}

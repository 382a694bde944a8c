package dev.pg2kinesis.relay;

import org.jspecify.annotations.Nullable;

/** The life of a process: once it died at a point, nothing that it still calls has any effect. */
public final class Life {

  /** Thrown where the process died, and by all it calls afterwards. */
  static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Death(Point point) {
      super(point.name());
    }
  }

  /** Where a run can die. */
  enum Point {
    BEFORE_PEEK,
    IN_PEEK,
    IN_PUBLISH,
    BEFORE_FLUSH,
    IN_FLUSH,
    BEFORE_WATERMARK,
    AFTER_WATERMARK,
    BEFORE_ADVANCE,
    AFTER_ADVANCE
  }

  private final @Nullable Point end;
  private int passesLeft;
  private @Nullable Point diedAt;

  private Life(@Nullable Point end, int passes) {
    this.end = end;
    this.passesLeft = passes;
  }

  public static Life unlimited() {
    return new Life(null, 0);
  }

  /** A life that passes the point {@code passes} times and then ends there. */
  static Life endingAt(Point point, int passes) {
    return new Life(point, passes);
  }

  boolean ended() {
    return diedAt != null;
  }

  void at(Point point) {
    check();
    if (point == end && passesLeft-- == 0) {
      diedAt = point;
      throw new Death(point);
    }
  }

  void check() {
    if (diedAt != null) {
      throw new Death(diedAt);
    }
  }
}

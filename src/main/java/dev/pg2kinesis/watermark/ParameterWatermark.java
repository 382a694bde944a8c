package dev.pg2kinesis.watermark;

import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.aws.VersionedParameter.Versioned;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.watermark.WatermarkException.Code;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A watermark in Parameter Store. It is written before each advance of the slot that tells
 * something new, which is once in a usual run. The parameter's version reveals another writer,
 * which stops the run.
 */
public final class ParameterWatermark implements Watermark {

  /** How long to wait for the server to confirm the lock. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final VersionedParameter parameter;
  private final Slot slot;
  private final boolean standby;
  private final @Nullable ResumePoint resumePoint;
  private WatermarkState state;
  private @Nullable WatermarkState written;
  private long version;

  private ParameterWatermark(
      VersionedParameter parameter,
      Slot slot,
      boolean standby,
      WatermarkState state,
      @Nullable Versioned stored) {
    this.parameter = parameter;
    this.slot = slot;
    this.standby = standby;
    this.state = state;
    this.resumePoint = state.resumePoint();
    this.written = stored == null ? null : parse(stored);
    this.version = stored == null ? 0 : stored.version();
  }

  /**
   * Reads the watermark and checks the slot against it. If there is none, a new one starts at the
   * slot's present position.
   *
   * @param publications what a pgoutput slot is read with
   * @param accepted the position at which a gap is accepted, if one is
   * @param acceptedGap told of a gap that is accepted, before the watermark forgets it
   * @throws WatermarkException {@code GAP} if changes may be missing and that is not accepted
   */
  public static ParameterWatermark open(
      VersionedParameter parameter,
      Slot slot,
      String slotName,
      String publications,
      @Nullable Lsn accepted,
      Consumer<Lsn> acceptedGap) {
    Versioned stored = parameter.read();
    WatermarkState before = stored == null ? null : parse(stored);
    GapCheck.Found found =
        new GapCheck.Found(
            slotName,
            slot.plugin().slotName() + ":" + publications,
            slot.timeline(before == null ? null : before.timeline()),
            slot.position());
    WatermarkState state = GapCheck.check(before, found, accepted);
    if (GapCheck.isGap(before, found)) {
      acceptedGap.accept(found.position().confirmed());
    }
    ParameterWatermark watermark =
        new ParameterWatermark(parameter, slot, found.timeline().standby(), state, stored);
    watermark.write(watermark.state);
    return watermark;
  }

  /**
   * The state that a parameter holds.
   *
   * @throws WatermarkException {@code WATERMARK_INVALID} if it holds something else
   */
  public static WatermarkState parse(Versioned stored) {
    try {
      return WatermarkState.parse(stored.value());
    } catch (IllegalArgumentException e) {
      throw new WatermarkException(
          Code.WATERMARK_INVALID,
          "the parameter that WATERMARK_PARAMETER names does not hold a watermark ("
              + e.getMessage()
              + "). Name another, or delete it: the next run starts a new one.");
    }
  }

  @Override
  public @Nullable ResumePoint resumePoint() {
    return resumePoint;
  }

  @Override
  public void beforeAdvance(Lsn to, @Nullable Lsn lastPublished) {
    // A standby can be promoted during a run, or follow a promoted server. The timeline is asked
    // for
    // after the position, so it is not older.
    WatermarkState now = standby ? state.followedTo(slot.timeline(null).id()) : state;
    write(now.moving(to, lastPublished));
  }

  @Override
  public boolean saveResumePoint(ResumePoint point) {
    write(state.stoppedAt(point));
    return true;
  }

  /**
   * Only the holder of the slot's lock may write: another run may be further by now, and the slot
   * would then be ahead of what is remembered. A write that overlaps with one of the next holder,
   * because the lock was lost after it was checked, is taken back.
   */
  private void write(WatermarkState next) {
    if (!next.equals(written)) {
      slot.checkLock(PATIENCE);
      version = parameter.write(next.json(), version, theirs -> isFurther(theirs, next));
      written = next;
    }
    state = next;
  }

  private static boolean isFurther(String theirs, WatermarkState ours) {
    try {
      return WatermarkState.parse(theirs).isFurtherThan(ours);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}

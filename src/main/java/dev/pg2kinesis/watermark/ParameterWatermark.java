package dev.pg2kinesis.watermark;

import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.aws.VersionedParameter.Versioned;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.SlotException;
import org.jspecify.annotations.Nullable;

/**
 * A watermark in Parameter Store. It is written before each advance of the slot that tells
 * something new, which in a usual run is once. Another writer is found out by the parameter's
 * version and stops the run.
 */
public final class ParameterWatermark implements Watermark {

  private final VersionedParameter parameter;
  private final @Nullable Place resumeAt;
  private WatermarkState remembered;
  private @Nullable WatermarkState written;
  private long version;

  private ParameterWatermark(
      VersionedParameter parameter, WatermarkState remembered, @Nullable Versioned stored) {
    this.parameter = parameter;
    this.remembered = remembered;
    this.resumeAt = remembered.place();
    this.written = stored == null ? null : parsed(stored);
    this.version = stored == null ? 0 : stored.version();
  }

  /**
   * Reads the watermark and checks the slot against it. Where there is none, one is begun with
   * where the slot is now.
   *
   * @param publications what a pgoutput slot is read with
   * @param accepted the position at which a gap is accepted, if one is
   * @throws SlotException {@code GAP} if changes may be missing and that is not accepted
   */
  public static ParameterWatermark open(
      VersionedParameter parameter,
      PostgresSlot slot,
      String slotName,
      String publications,
      @Nullable Lsn accepted) {
    Versioned stored = parameter.read();
    WatermarkState before = stored == null ? null : parsed(stored);
    GapCheck.Found found =
        new GapCheck.Found(
            slotName,
            slot.plugin().slotName() + ":" + publications,
            slot.timeline(before == null ? null : before.timeline()),
            slot.position());
    ParameterWatermark watermark =
        new ParameterWatermark(parameter, GapCheck.check(before, found, accepted), stored);
    watermark.write(watermark.remembered);
    return watermark;
  }

  /** What a parameter holds. */
  public static WatermarkState parsed(Versioned stored) {
    try {
      return WatermarkState.parse(stored.value());
    } catch (IllegalArgumentException e) {
      throw new SlotException(
          SlotException.Code.WATERMARK_INVALID,
          "the parameter that WATERMARK_PARAMETER names does not hold a watermark ("
              + e.getMessage()
              + "). Name another, or delete it: the next run begins it anew.",
          null);
    }
  }

  @Override
  public @Nullable Place resumeAt() {
    return resumeAt;
  }

  @Override
  public void advancing(Lsn to, @Nullable Lsn published) {
    write(remembered.moving(to, published));
  }

  @Override
  public boolean reached(Place place) {
    write(remembered.at(place));
    return true;
  }

  private void write(WatermarkState next) {
    if (!next.equals(written)) {
      version = parameter.write(next.json(), version);
      written = next;
    }
    remembered = next;
  }
}

package dev.pg2kinesis.watermark;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.Timeline;
import org.jspecify.annotations.Nullable;

/**
 * Whether a slot can have got where it is without changes getting lost. Pure.
 *
 * <p>A slot that is behind what is remembered fell back, in a crash or a failover: what follows is
 * sent again. A slot that is ahead was moved or made by something else. On a new timeline the
 * positions after the fork are other WAL than before, so that there the slot must be from before
 * it: by the timeline's history file or, where that may not be read, because a standby kept it.
 */
public final class GapCheck {

  private GapCheck() {}

  /** What the check looks at. */
  public record Found(String slot, String reads, Timeline timeline, Slot.Position position) {

    WatermarkState anew() {
      return new WatermarkState(
          timeline.systemIdentifier(),
          timeline.id(),
          slot,
          reads,
          position.confirmed(),
          null,
          null);
    }
  }

  /**
   * Checks a slot.
   *
   * @param remembered what the last run left; null if nothing is remembered
   * @param accepted the position at which a gap is accepted, if one is
   * @return what to remember from now on
   * @throws SlotException {@code GAP} if changes may be missing and that is not accepted
   */
  public static WatermarkState check(
      @Nullable WatermarkState remembered, Found found, @Nullable Lsn accepted) {
    if (remembered == null) {
      return found.anew();
    }
    if (!remembered.slot().equals(found.slot())) {
      throw new SlotException(
          SlotException.Code.WATERMARK_INVALID,
          "the watermark is of slot "
              + remembered.slot()
              + ", and SLOT_NAME is "
              + found.slot()
              + ". Give each slot a WATERMARK_PARAMETER of its own.",
          null);
    }
    String reason = gap(remembered, found);
    if (reason == null) {
      return continued(remembered, found);
    }
    Lsn confirmed = found.position().confirmed();
    if (confirmed.equals(accepted)) {
      return found.anew();
    }
    throw new SlotException(
        SlotException.Code.GAP,
        "slot "
            + found.slot()
            + " is at "
            + confirmed
            + ", and this function moved it to "
            + remembered.moved()
            + " at most"
            + (remembered.published() == null
                ? ", with nothing published yet"
                : ", having published up to commit " + remembered.published())
            + ": "
            + reason
            + ". Find out what happened and load anew what is missing; then accept it with"
            + " {\"action\":\"poll\",\"acceptGap\":\""
            + confirmed
            + "\"}.",
        null);
  }

  private static @Nullable String gap(WatermarkState remembered, Found found) {
    Timeline timeline = found.timeline();
    Lsn confirmed = found.position().confirmed();
    if (!timeline.systemIdentifier().equals(remembered.systemIdentifier())) {
      return "it is another cluster, "
          + timeline.systemIdentifier()
          + " and not "
          + remembered.systemIdentifier();
    }
    if (confirmed.isAfter(remembered.moved())) {
      return "something else moved it or made it anew";
    }
    if (timeline.id() == remembered.timeline()) {
      return remembered.moved().isAfter(found.position().flush())
          ? "the server's WAL ends at "
              + found.position().flush()
              + ", before that: it is an older copy"
          : null;
    }
    Lsn forkedAt = timeline.forkedAt();
    return switch (timeline.relation()) {
      case SAME -> null;
      case ANCESTOR ->
          forkedAt != null && confirmed.isAfter(forkedAt)
              ? timelines(remembered, timeline) + " that began at " + forkedAt + ", before the slot"
              : null;
      case UNRELATED -> timelines(remembered, timeline) + " that does not come from the other";
      case UNKNOWN ->
          timeline.synced()
              ? null
              : timelines(remembered, timeline)
                  + ", and whether the slot is older than that cannot be told without the right to"
                  + " read its history (GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint,"
                  + " bigint, boolean))";
    };
  }

  private static String timelines(WatermarkState remembered, Timeline timeline) {
    return "timeline " + remembered.timeline() + " was followed by timeline " + timeline.id();
  }

  private static WatermarkState continued(WatermarkState remembered, Found found) {
    boolean sameWal = found.timeline().id() == remembered.timeline();
    return new WatermarkState(
        remembered.systemIdentifier(),
        found.timeline().id(),
        remembered.slot(),
        found.reads(),
        sameWal ? remembered.moved() : found.position().confirmed(),
        remembered.published(),
        sameWal && remembered.reads().equals(found.reads()) ? remembered.place() : null);
  }
}

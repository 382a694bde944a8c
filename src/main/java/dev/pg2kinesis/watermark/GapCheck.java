package dev.pg2kinesis.watermark;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.Timeline;
import dev.pg2kinesis.watermark.WatermarkException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Whether a slot can be where it is without changes being lost. Pure.
 *
 * <p>A slot behind the watermark fell back in a crash or a failover: what follows is sent again. A
 * slot ahead of it was moved or recreated by something else. After a promotion, positions beyond
 * the fork refer to different WAL; the slot is safe only if it predates the fork. The timeline's
 * history file tells that; where the role may not read it, a slot that a standby kept is safe.
 */
public final class GapCheck {

  private GapCheck() {}

  /**
   * The slot as it is now.
   *
   * @param slot its name
   * @param reads plugin and publications
   */
  public record Found(String slot, String reads, Timeline timeline, Slot.Position position) {

    WatermarkState begin() {
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
   * @throws WatermarkException {@code GAP} if changes may be missing and that is not accepted
   */
  public static WatermarkState check(
      @Nullable WatermarkState remembered, Found found, @Nullable Lsn accepted) {
    if (remembered == null) {
      return found.begin();
    }
    if (!remembered.slot().equals(found.slot())) {
      throw new WatermarkException(
          Code.WATERMARK_INVALID,
          "the watermark is of slot "
              + remembered.slot()
              + ", and SLOT_NAME is "
              + found.slot()
              + ". Give each slot a separate WATERMARK_PARAMETER.");
    }
    String reason = reason(remembered, found);
    if (reason == null) {
      return continued(remembered, found);
    }
    Lsn confirmed = found.position().confirmed();
    if (confirmed.equals(accepted)) {
      return found.begin();
    }
    throw gap(remembered, found, reason);
  }

  /** Whether changes may be missing: {@link #check} would demand that the gap is accepted. */
  public static boolean isGap(@Nullable WatermarkState remembered, Found found) {
    return remembered != null && reason(remembered, found) != null;
  }

  private static WatermarkException gap(WatermarkState remembered, Found found, String reason) {
    Lsn confirmed = found.position().confirmed();
    return new WatermarkException(
        Code.GAP,
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
            + ". Find out what happened. Accept the gap with {\"action\":\"poll\",\"acceptGap\":\""
            + confirmed
            + "\"}. Then load the tables again if the changes matter.");
  }

  /** Why changes may be missing; null if none can be. */
  private static @Nullable String reason(WatermarkState remembered, Found found) {
    Timeline timeline = found.timeline();
    Lsn confirmed = found.position().confirmed();
    if (!timeline.systemIdentifier().equals(remembered.systemIdentifier())) {
      return "it is another cluster, "
          + timeline.systemIdentifier()
          + " and not "
          + remembered.systemIdentifier();
    }
    if (confirmed.isAfter(remembered.moved())) {
      return "something else moved or recreated it";
    }
    if (timeline.id() == remembered.timeline()) {
      // A restarted standby shows an earlier end of its WAL until it has replayed the rest.
      return !timeline.standby() && remembered.moved().isAfter(found.position().flush())
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
      case UNRELATED -> timelines(remembered, timeline) + " that does not descend from it";
      case UNKNOWN ->
          timeline.synced()
              ? null
              : timelines(remembered, timeline)
                  + ", and only the timeline's history tells whether the slot is older; let the role"
                  + " read it (GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint,"
                  + " boolean))";
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
        sameWal && remembered.reads().equals(found.reads()) ? remembered.resumePoint() : null);
  }
}

package dev.pg2kinesis.watermark;

import dev.pg2kinesis.aws.PlainJson;
import dev.pg2kinesis.change.Lsn;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content of the watermark parameter.
 *
 * @param systemIdentifier identifies the cluster
 * @param timeline the timeline that the positions belong to
 * @param slot the slot's name
 * @param reads plugin and publications; ordinals of changes hold only for the same ones
 * @param moved the furthest that this function moved the slot, or was about to
 * @param published the last commit that was published; null before the first
 * @param resumePoint where a run stopped inside a transaction; null if it did not
 */
public record WatermarkState(
    String systemIdentifier,
    long timeline,
    String slot,
    String reads,
    Lsn moved,
    @Nullable Lsn published,
    @Nullable ResumePoint resumePoint) {

  /**
   * Reads the parameter's value.
   *
   * @throws IllegalArgumentException if it is not one that was written by {@link #json()}
   */
  static WatermarkState parse(String value) {
    try {
      Map<?, ?> fields = PlainJson.fields(PlainJson.read(value));
      Map<?, ?> place = PlainJson.fields(fields.get("place"));
      return new WatermarkState(
          text(fields, "systemIdentifier"),
          number(fields, "timeline"),
          text(fields, "slot"),
          text(fields, "reads"),
          Lsn.parse(text(fields, "movedLsn")),
          fields.containsKey("publishedLsn") ? Lsn.parse(text(fields, "publishedLsn")) : null,
          fields.containsKey("place")
              ? new ResumePoint(
                  Lsn.parse(text(place, "commitLsn")),
                  number(place, "xid"),
                  number(place, "changes"))
              : null);
    } catch (IOException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    }
  }

  private static String text(Map<?, ?> fields, String field) {
    if (!(fields.get(field) instanceof String text)) {
      throw new IllegalArgumentException("its field " + field + " is not a string");
    }
    return text;
  }

  private static long number(Map<?, ?> fields, String field) {
    Long number = PlainJson.asLong(fields.get(field));
    if (number == null || number < 0) {
      throw new IllegalArgumentException(
          "its field " + field + " is not a number from 0 to " + Long.MAX_VALUE);
    }
    return number;
  }

  /** The parameter's value. */
  String json() {
    return PlainJson.text(fields());
  }

  /** The value's fields, for the answer of {@code status}. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("systemIdentifier", systemIdentifier);
    fields.put("timeline", timeline);
    fields.put("slot", slot);
    fields.put("reads", reads);
    fields.put("movedLsn", moved.toString());
    if (published != null) {
      fields.put("publishedLsn", published.toString());
    }
    if (resumePoint != null) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("commitLsn", resumePoint.commit().toString());
      place.put("xid", resumePoint.xid());
      place.put("changes", resumePoint.changes());
      fields.put("place", place);
    }
    return fields;
  }

  /**
   * The slot goes to {@code to}.
   *
   * @param publishedNow the last commit published since; null if there is none
   */
  WatermarkState moving(Lsn to, @Nullable Lsn publishedNow) {
    return new WatermarkState(
        systemIdentifier,
        timeline,
        slot,
        reads,
        Lsn.max(moved, to),
        publishedNow == null ? published : publishedNow,
        resumePoint == null || !resumePoint.commit().isAfter(to) ? null : resumePoint);
  }

  /** The same position, on the newer timeline that the server has followed since. */
  WatermarkState followedTo(long newest) {
    return newest <= timeline
        ? this
        : new WatermarkState(systemIdentifier, newest, slot, reads, moved, published, resumePoint);
  }

  /** Whether this is of the same slot and says that it was moved further, or later. */
  boolean isFurtherThan(WatermarkState other) {
    return slot.equals(other.slot)
        && systemIdentifier.equals(other.systemIdentifier)
        && (timeline > other.timeline
            || (timeline == other.timeline && moved.isAfter(other.moved)));
  }

  /** A run stopped inside a transaction. */
  WatermarkState stoppedAt(ResumePoint point) {
    return new WatermarkState(systemIdentifier, timeline, slot, reads, moved, published, point);
  }
}

package dev.pg2kinesis.watermark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.change.Lsn;
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

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  /**
   * Reads the parameter's value.
   *
   * @throws IllegalArgumentException if it is not one that was written by {@link #json()}
   */
  static WatermarkState parse(String value) {
    try {
      JsonNode node = JSON.readTree(value);
      JsonNode point = node.path("place");
      return new WatermarkState(
          text(node, "systemIdentifier"),
          number(node, "timeline"),
          text(node, "slot"),
          text(node, "reads"),
          Lsn.parse(text(node, "movedLsn")),
          node.has("publishedLsn") ? Lsn.parse(text(node, "publishedLsn")) : null,
          point.isMissingNode()
              ? null
              : new ResumePoint(
                  Lsn.parse(text(point, "commitLsn")),
                  number(point, "xid"),
                  number(point, "changes")));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    }
  }

  private static String text(JsonNode node, String field) {
    if (!node.path(field).isTextual()) {
      throw new IllegalArgumentException("its field " + field + " is not a string");
    }
    return node.path(field).asText();
  }

  private static long number(JsonNode node, String field) {
    JsonNode number = node.path(field);
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
      throw new IllegalArgumentException(
          "its field " + field + " is not a number from 0 to " + Long.MAX_VALUE);
    }
    return number.asLong();
  }

  /** The parameter's value. */
  String json() {
    return node().toString();
  }

  /** The value as a tree, for the answer of {@code status}. */
  public ObjectNode node() {
    ObjectNode node = JSON.createObjectNode();
    node.put("systemIdentifier", systemIdentifier);
    node.put("timeline", timeline);
    node.put("slot", slot);
    node.put("reads", reads);
    node.put("movedLsn", moved.toString());
    if (published != null) {
      node.put("publishedLsn", published.toString());
    }
    if (resumePoint != null) {
      node.putObject("place")
          .put("commitLsn", resumePoint.commit().toString())
          .put("xid", resumePoint.xid())
          .put("changes", resumePoint.changes());
    }
    return node;
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

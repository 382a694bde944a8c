package dev.pg2kinesis.watermark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.change.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * The content of the watermark parameter.
 *
 * @param systemIdentifier the cluster's
 * @param timeline the timeline that the positions are of
 * @param slot the slot's name
 * @param reads plugin and publications: ordinals hold only for the same ones
 * @param moved the furthest that this function moved the slot, or was about to
 * @param published the last commit that was published; null before the first
 * @param place how far a transaction is published that a run ended inside of
 */
public record WatermarkState(
    String systemIdentifier,
    long timeline,
    String slot,
    String reads,
    Lsn moved,
    @Nullable Lsn published,
    Watermark.@Nullable Place place) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the parameter's value.
   *
   * @throws IllegalArgumentException if it is not one that was written by {@link #json()}
   */
  static WatermarkState parse(String value) {
    try {
      JsonNode node = JSON.readTree(value);
      JsonNode place = node.path("place");
      return new WatermarkState(
          text(node, "systemIdentifier"),
          number(node, "timeline"),
          text(node, "slot"),
          text(node, "reads"),
          Lsn.parse(text(node, "movedLsn")),
          node.has("publishedLsn") ? Lsn.parse(text(node, "publishedLsn")) : null,
          place.isMissingNode()
              ? null
              : new Watermark.Place(
                  Lsn.parse(text(place, "commitLsn")),
                  number(place, "xid"),
                  number(place, "changes")));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    }
  }

  private static String text(JsonNode node, String field) {
    if (!node.path(field).isTextual()) {
      throw new IllegalArgumentException("its field " + field + " is no text");
    }
    return node.path(field).asText();
  }

  private static long number(JsonNode node, String field) {
    if (!node.path(field).isIntegralNumber()) {
      throw new IllegalArgumentException("its field " + field + " is no number");
    }
    return node.path(field).asLong();
  }

  /** The parameter's value. */
  String json() {
    return node().toString();
  }

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
    if (place != null) {
      node.putObject("place")
          .put("commitLsn", place.commit().toString())
          .put("xid", place.xid())
          .put("changes", place.changes());
    }
    return node;
  }

  /** The slot goes to {@code to}; what was published stays if nothing was published since. */
  WatermarkState moving(Lsn to, @Nullable Lsn publishedNow) {
    return new WatermarkState(
        systemIdentifier,
        timeline,
        slot,
        reads,
        Lsn.max(moved, to),
        publishedNow == null ? published : publishedNow,
        place == null || !place.commit().isAfter(to) ? null : place);
  }

  WatermarkState at(Watermark.Place newPlace) {
    return new WatermarkState(systemIdentifier, timeline, slot, reads, moved, published, newPlace);
  }
}

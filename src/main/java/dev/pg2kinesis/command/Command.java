package dev.pg2kinesis.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.error.CodedException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an event asks for. It can choose what to do and never where data comes from or goes to.
 *
 * @param action what to do
 * @param limit {@code peek}: how many records to show
 * @param acceptGap {@code poll}, {@code drain}: the LSN at which missing changes are accepted
 * @param plugin {@code create-slot}: the output plugin
 * @param failover {@code create-slot}: whether standbys keep a copy of the slot (PostgreSQL 17+)
 * @param confirm {@code drop-slot}: the slot's name again
 * @param to {@code skip}: the commit LSN of the transaction to skip
 */
public record Command(
    Action action,
    int limit,
    @Nullable Lsn acceptGap,
    @Nullable String plugin,
    @Nullable Boolean failover,
    @Nullable String confirm,
    @Nullable Lsn to) {

  public static final int DEFAULT_LIMIT = 10;
  static final int MOST_LIMIT = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The envelope of an EventBridge event. Amazon EventBridge documentation, "Events". */
  private static final Set<String> ENVELOPE =
      Set.of(
          "version",
          "id",
          "detail-type",
          "source",
          "account",
          "time",
          "region",
          "resources",
          "replay-name",
          "detail");

  /** The commands, with the fields each takes. */
  public enum Action {
    POLL("acceptGap"),
    DRAIN("acceptGap"),
    PEEK("limit"),
    STATUS,
    CREATE_SLOT("plugin", "failover"),
    DROP_SLOT("confirm"),
    SKIP("to");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> fields;

    Action(String... fields) {
      this.fields = List.of(fields);
    }

    /** The name in events and results. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** An event that cannot be obeyed; the message says why and what would be. */
  static final class InvalidEventException extends CodedException {
    private static final long serialVersionUID = 1L;

    InvalidEventException(String message) {
      super("EVENT_INVALID", message, null);
    }
  }

  static Command of(Action action) {
    return new Command(action, DEFAULT_LIMIT, null, null, null, null, null);
  }

  /**
   * Reads an EventBridge rule event, an EventBridge Scheduler payload (whose {@code detail} may be
   * a string of JSON), or a bare object. Without an action it is a poll.
   *
   * @throws InvalidEventException if it is none of these, or has an unknown action or field
   */
  public static Command parse(byte[] event) {
    JsonNode root = read(event);
    if (!root.isObject()) {
      throw new InvalidEventException("expected a JSON object such as {\"action\":\"poll\"}.");
    }
    boolean enveloped = root.has("detail") || root.has("detail-type");
    if (!enveloped) {
      return of(root, Set.of());
    }
    JsonNode detail = detail(root.path("detail"));
    return detail.isEmpty() ? of(root, ENVELOPE) : detail(root, detail);
  }

  private static JsonNode read(byte[] event) {
    try {
      return JSON.readTree(event);
    } catch (JacksonException e) {
      throw new InvalidEventException("the event is not JSON.");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode detail(JsonNode detail) {
    JsonNode parsed =
        detail.isTextual()
            ? read(
                (detail.asText().isBlank() ? "{}" : detail.asText())
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8))
            : detail;
    if (parsed.isMissingNode() || parsed.isNull()) {
      return JSON.createObjectNode();
    }
    if (!parsed.isObject()) {
      throw new InvalidEventException("the event's detail must be an object, or a string of one.");
    }
    return parsed;
  }

  private static Command detail(JsonNode root, JsonNode detail) {
    for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!ENVELOPE.contains(name)) {
        throw new InvalidEventException(
            "field '" + name + "' stands beside a detail that has fields too; use one of the two.");
      }
    }
    return of(detail, Set.of());
  }

  private static Command of(JsonNode command, Set<String> ignored) {
    Action action = action(command.path("action"));
    for (Map.Entry<String, JsonNode> field : command.properties()) {
      String name = field.getKey();
      if (!name.equals("action") && !action.fields.contains(name) && !ignored.contains(name)) {
        throw new InvalidEventException(
            "unknown field '"
                + name
                + "' for action "
                + action.text()
                + (action.fields.isEmpty()
                    ? ", which takes none."
                    : ", which takes " + String.join(", ", action.fields) + "."));
      }
    }
    return new Command(
        action,
        limit(command.path("limit")),
        lsn(command, "acceptGap"),
        text(command, "plugin"),
        flag(command, "failover"),
        text(command, "confirm"),
        lsn(command, "to"));
  }

  private static Action action(JsonNode node) {
    if (node.isMissingNode()) {
      return Action.POLL;
    }
    for (Action action : Action.values()) {
      if (node.isTextual() && action.text().equals(node.asText())) {
        return action;
      }
    }
    throw new InvalidEventException(
        "unknown action; the actions are "
            + Arrays.stream(Action.values())
                .map(Action::text)
                .collect(Collectors.toCollection(TreeSet::new))
            + ".");
  }

  private static int limit(JsonNode node) {
    if (node.isMissingNode()) {
      return DEFAULT_LIMIT;
    }
    if (!node.isInt() || node.asInt() < 1 || node.asInt() > MOST_LIMIT) {
      throw new InvalidEventException("limit must be a number from 1 to " + MOST_LIMIT + ".");
    }
    return node.asInt();
  }

  private static @Nullable String text(JsonNode command, String field) {
    JsonNode node = command.path(field);
    if (node.isMissingNode()) {
      return null;
    }
    if (!node.isTextual()) {
      throw new InvalidEventException(field + " must be a string.");
    }
    return node.asText();
  }

  private static @Nullable Boolean flag(JsonNode command, String field) {
    JsonNode node = command.path(field);
    if (node.isMissingNode()) {
      return null;
    }
    if (!node.isBoolean()) {
      throw new InvalidEventException(field + " must be true or false.");
    }
    return node.asBoolean();
  }

  private static @Nullable Lsn lsn(JsonNode command, String field) {
    String text = text(command, field);
    if (text == null) {
      return null;
    }
    try {
      return Lsn.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidEventException(field + ": " + e.getMessage() + ".");
    }
  }
}

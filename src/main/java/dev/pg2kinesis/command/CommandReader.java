package dev.pg2kinesis.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Command.Action;
import dev.pg2kinesis.command.CommandRefusedException.Code;
import dev.pg2kinesis.error.PrintableText;
import dev.pg2kinesis.format.TablePatterns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads the command in an event. The event is read as plain JSON and not as a typed EventBridge
 * event, because EventBridge Scheduler sends its {@code detail} as a string.
 */
public final class CommandReader {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Of two actions the last would be carried out, and whoever reads the event sees the
          // first.
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  /** An event may be long, and what it holds goes to the log. */
  private static final int MAX_SHOWN_CHARACTERS = 60;

  /** A snapshot's state has room for fewer tables. */
  private static final int MAX_PATTERNS = 100;

  /** Two names of 63 bytes fit, each character in quotes of its own. */
  private static final int MAX_PATTERN_CHARACTERS = 400;

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

  private CommandReader() {}

  /**
   * Reads an EventBridge rule event, an EventBridge Scheduler payload (whose {@code detail} may be
   * a string of JSON), or a bare object. Without an action it is a poll.
   *
   * @throws CommandRefusedException {@code EVENT_INVALID} if it is none of these, or has an unknown
   *     action or field
   */
  public static Command read(byte[] event) {
    JsonNode root = tree(event);
    if (!root.isObject()) {
      throw invalid("expected a JSON object such as {\"action\":\"poll\"}.");
    }
    boolean enveloped = root.has("detail") || root.has("detail-type");
    if (!enveloped) {
      return command(root, Set.of());
    }
    JsonNode detail = detail(root.path("detail"));
    if (detail.isEmpty()) {
      return command(root, ENVELOPE);
    }
    checkEnvelope(root);
    return command(detail, Set.of());
  }

  private static CommandRefusedException invalid(String explanation) {
    return new CommandRefusedException(Code.EVENT_INVALID, explanation);
  }

  /** What is refused, in quotes: its first printable characters. */
  private static String shown(String refused) {
    StringBuilder shown = new StringBuilder("'");
    refused
        .codePoints()
        .limit(MAX_SHOWN_CHARACTERS)
        .map(c -> PrintableText.isPrintable(c) ? c : '?')
        .forEach(shown::appendCodePoint);
    boolean cut = refused.codePointCount(0, refused.length()) > MAX_SHOWN_CHARACTERS;
    return shown.append(cut ? "…'" : "'").toString();
  }

  private static String shown(JsonNode refused) {
    return shown(refused.isTextual() ? refused.asText() : refused.toString());
  }

  private static JsonNode tree(byte[] event) {
    try {
      return JSON.readTree(event);
    } catch (StreamConstraintsException e) {
      throw invalid("the event is nested too deeply, or a name or number in it is too long.");
    } catch (IOException e) { // also of bytes that are no characters
      throw invalid("the event is not JSON with each field once.");
    }
  }

  private static JsonNode detail(JsonNode detail) {
    JsonNode parsed = detail.isTextual() ? tree(objectText(detail.asText())) : detail;
    if (parsed.isMissingNode() || parsed.isNull()) {
      return JSON.createObjectNode();
    }
    if (!parsed.isObject()) {
      throw invalid(
          "the event's detail must be an object, or a string of one; found " + shown(parsed) + ".");
    }
    return parsed;
  }

  private static byte[] objectText(String detail) {
    return (detail.isBlank() ? "{}" : detail).getBytes(UTF_8);
  }

  /** A detail with fields is the command; the object around it must be an envelope only. */
  private static void checkEnvelope(JsonNode root) {
    for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!ENVELOPE.contains(name)) {
        throw invalid(
            "field "
                + shown(name)
                + " stands beside a detail that has fields too; use one of the two.");
      }
    }
  }

  private static Command command(JsonNode fields, Set<String> ignored) {
    Action action = action(fields.path("action"));
    checkFields(fields, action, ignored);
    return switch (action) {
      case POLL -> new Command.Poll(lsn(fields, "acceptGap"));
      case DRAIN -> new Command.Drain(lsn(fields, "acceptGap"));
      case PEEK -> new Command.Peek(limit(fields.path("limit")));
      case STATUS -> new Command.Status();
      case CREATE_SLOT -> new Command.CreateSlot(text(fields, "plugin"), flag(fields, "failover"));
      case DROP_SLOT -> new Command.DropSlot(text(fields, "confirm").orElse(""));
      case SNAPSHOT -> snapshot(fields);
      case SKIP ->
          new Command.Skip(
              lsn(fields, "to")
                  .orElseThrow(
                      () ->
                          SkipCommand.refused(
                              "skip needs the commit LSN of the transaction, as the error printed"
                                  + " it: {\"action\":\"skip\",\"to\":\"<lsn>\"}")));
    };
  }

  private static Command snapshot(JsonNode fields) {
    List<String> tables = texts(fields, "tables");
    boolean stop = flag(fields, "stop").orElse(false);
    if (stop != tables.isEmpty()) {
      throw invalid(
          "snapshot needs tables, such as {\"action\":\"snapshot\",\"tables\":[\"public.orders\"]}, or"
              + " \"stop\":true, and not both.");
    }
    checkPatterns(tables);
    return new Command.Snapshot(
        tables, flag(fields, "whole").orElse(false), flag(fields, "restart").orElse(false), stop);
  }

  private static void checkPatterns(List<String> tables) {
    if (tables.size() > MAX_PATTERNS) {
      throw invalid(
          "tables: " + tables.size() + " patterns, and " + MAX_PATTERNS + " at most are allowed.");
    }
    for (String pattern : tables) {
      if (pattern.length() > MAX_PATTERN_CHARACTERS) {
        throw invalid(
            "tables: a pattern has "
                + pattern.length()
                + " characters, and "
                + MAX_PATTERN_CHARACTERS
                + " at most are allowed.");
      }
      try {
        TablePatterns.parse(pattern);
      } catch (IllegalArgumentException e) {
        throw invalid("tables: " + e.getMessage() + ".");
      }
    }
  }

  private static void checkFields(JsonNode fields, Action action, Set<String> ignored) {
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      String name = field.getKey();
      if (!name.equals("action") && !action.fields().contains(name) && !ignored.contains(name)) {
        throw invalid(
            "unknown field "
                + shown(name)
                + " for action "
                + action.text()
                + (action.fields().isEmpty()
                    ? ", which takes none."
                    : ", which takes " + String.join(", ", action.fields()) + "."));
      }
    }
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
    throw invalid(
        "unknown action "
            + shown(node)
            + "; the actions are "
            + Arrays.stream(Action.values())
                .map(Action::text)
                .collect(Collectors.toCollection(TreeSet::new))
            + ".");
  }

  private static int limit(JsonNode node) {
    if (node.isMissingNode()) {
      return Command.Peek.DEFAULT_LIMIT;
    }
    if (!node.isInt() || node.asInt() < 1 || node.asInt() > Command.Peek.MAX_LIMIT) {
      throw invalid(
          "limit must be a number from 1 to "
              + Command.Peek.MAX_LIMIT
              + "; found "
              + shown(node)
              + ".");
    }
    return node.asInt();
  }

  private static Optional<String> text(JsonNode fields, String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw invalid(field + " must be a string; found " + shown(node) + ".");
    }
    return Optional.of(node.asText());
  }

  private static List<String> texts(JsonNode fields, String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : node) {
      if (text.isTextual()) {
        texts.add(text.asText());
      }
    }
    if (!node.isArray() || texts.size() != node.size()) {
      throw invalid(field + " must be an array of strings; found " + shown(node) + ".");
    }
    return List.copyOf(texts);
  }

  private static Optional<Boolean> flag(JsonNode fields, String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw invalid(field + " must be true or false; found " + shown(node) + ".");
    }
    return Optional.of(node.asBoolean());
  }

  private static Optional<Lsn> lsn(JsonNode fields, String field) {
    return text(fields, field)
        .map(
            text -> {
              try {
                return Lsn.parse(text);
              } catch (IllegalArgumentException e) {
                throw invalid(field + ": " + e.getMessage() + ".");
              }
            });
  }
}

package dev.pg2kinesis.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.pg2kinesis.aws.PlainJson;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Command.Action;
import dev.pg2kinesis.command.CommandRefusedException.Code;
import dev.pg2kinesis.error.PrintableText;
import dev.pg2kinesis.format.TablePatterns;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the command in an event. The event is read as plain JSON and not as a typed EventBridge
 * event, because EventBridge Scheduler sends its {@code detail} as a string.
 */
public final class CommandReader {

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
    if (!(value(event) instanceof Map<?, ?> root)) {
      throw invalid("expected a JSON object such as {\"action\":\"poll\"}.");
    }
    boolean enveloped = root.containsKey("detail") || root.containsKey("detail-type");
    if (!enveloped) {
      return command(root, Set.of());
    }
    Map<?, ?> detail = detail(root.get("detail"));
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
  private static String shown(@Nullable Object refused) {
    String text = refused instanceof String string ? string : PlainJson.text(refused);
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(MAX_SHOWN_CHARACTERS)
        .map(c -> PrintableText.isPrintable(c) ? c : '?')
        .forEach(shown::appendCodePoint);
    boolean cut = text.codePointCount(0, text.length()) > MAX_SHOWN_CHARACTERS;
    return shown.append(cut ? "…'" : "'").toString();
  }

  /**
   * The event as plain values. Of two actions the last would be carried out, and whoever reads the
   * event sees the first: no field may stand there twice.
   */
  private static @Nullable Object value(byte[] event) {
    try {
      return PlainJson.read(event);
    } catch (StreamConstraintsException e) {
      throw invalid("the event is nested too deeply, or a name or number in it is too long.");
    } catch (IOException e) { // also of bytes that are no characters
      throw invalid("the event is not JSON with each field once.");
    }
  }

  private static Map<?, ?> detail(@Nullable Object detail) {
    Object parsed = detail instanceof String text ? value(objectText(text)) : detail;
    if (parsed == null) {
      return Map.of();
    }
    if (!(parsed instanceof Map<?, ?> fields)) {
      throw invalid(
          "the event's detail must be an object, or a string of one; found " + shown(parsed) + ".");
    }
    return fields;
  }

  private static byte[] objectText(String detail) {
    return (detail.isBlank() ? "{}" : detail).getBytes(UTF_8);
  }

  /** A detail with fields is the command; the object around it must be an envelope only. */
  private static void checkEnvelope(Map<?, ?> root) {
    for (Object name : root.keySet()) {
      if (!ENVELOPE.contains(name)) {
        throw invalid(
            "field "
                + shown(name)
                + " stands beside a detail that has fields too; use one of the two.");
      }
    }
  }

  private static Command command(Map<?, ?> fields, Set<String> ignored) {
    Action action = action(fields);
    checkFields(fields, action, ignored);
    return switch (action) {
      case POLL -> new Command.Poll(lsn(fields, "acceptGap"));
      case DRAIN -> new Command.Drain(lsn(fields, "acceptGap"));
      case PEEK -> new Command.Peek(limit(fields));
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

  private static Command snapshot(Map<?, ?> fields) {
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

  private static void checkFields(Map<?, ?> fields, Action action, Set<String> ignored) {
    for (Object name : fields.keySet()) {
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

  private static Action action(Map<?, ?> fields) {
    if (!fields.containsKey("action")) {
      return Action.POLL;
    }
    Object value = fields.get("action");
    for (Action action : Action.values()) {
      if (action.text().equals(value)) {
        return action;
      }
    }
    throw invalid(
        "unknown action "
            + shown(value)
            + "; the actions are "
            + Arrays.stream(Action.values())
                .map(Action::text)
                .collect(Collectors.toCollection(TreeSet::new))
            + ".");
  }

  private static int limit(Map<?, ?> fields) {
    if (!fields.containsKey("limit")) {
      return Command.Peek.DEFAULT_LIMIT;
    }
    Object value = fields.get("limit");
    if (!(value instanceof Integer limit) || limit < 1 || limit > Command.Peek.MAX_LIMIT) {
      throw invalid(
          "limit must be a number from 1 to "
              + Command.Peek.MAX_LIMIT
              + "; found "
              + shown(value)
              + ".");
    }
    return limit;
  }

  private static Optional<String> text(Map<?, ?> fields, String field) {
    if (!fields.containsKey(field)) {
      return Optional.empty();
    }
    Object value = fields.get(field);
    if (!(value instanceof String text)) {
      throw invalid(field + " must be a string; found " + shown(value) + ".");
    }
    return Optional.of(text);
  }

  private static List<String> texts(Map<?, ?> fields, String field) {
    if (!fields.containsKey(field)) {
      return List.of();
    }
    Object value = fields.get(field);
    if (!(value instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      throw invalid(field + " must be an array of strings; found " + shown(value) + ".");
    }
    return list.stream().map(String.class::cast).toList();
  }

  private static Optional<Boolean> flag(Map<?, ?> fields, String field) {
    if (!fields.containsKey(field)) {
      return Optional.empty();
    }
    Object value = fields.get(field);
    if (!(value instanceof Boolean flag)) {
      throw invalid(field + " must be true or false; found " + shown(value) + ".");
    }
    return Optional.of(flag);
  }

  private static Optional<Lsn> lsn(Map<?, ?> fields, String field) {
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

package dev.pg2kinesis.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Where an application writes events to be published in place of changes, as the setting {@code
 * OUTBOX} holds it: psql patterns for tables and {@code message:} patterns for the prefixes of
 * messages, with commas between them.
 *
 * @param tables the tables
 * @param messages the prefixes
 * @param format how the events are written
 */
public record Outbox(TablePatterns tables, MessagePatterns messages, OutboxFormat format) {

  /** No change is an event. */
  public static final Outbox NONE =
      new Outbox(TablePatterns.NONE, MessagePatterns.NONE, OutboxFormat.PAYLOAD);

  /**
   * Reads the setting.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Outbox parse(String setting) {
    List<String> tables = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    for (String item : items(setting)) {
      if (item.startsWith(MessagePatterns.MARK)) {
        prefixes.add(item.substring(MessagePatterns.MARK.length()).strip());
      } else {
        tables.add(item);
      }
    }
    return new Outbox(
        tables.isEmpty() ? TablePatterns.NONE : TablePatterns.parse(String.join(",", tables)),
        MessagePatterns.of(prefixes),
        OutboxFormat.PAYLOAD);
  }

  /** The same events in another format. */
  public Outbox in(OutboxFormat other) {
    return new Outbox(tables, messages, other);
  }

  /** What stands between commas outside double quotes. */
  private static List<String> items(String setting) {
    List<String> items = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int at = 0; at < setting.length(); at++) {
      char c = setting.charAt(at);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        items.add(setting.substring(start, at).strip());
        start = at + 1;
      }
    }
    items.add(setting.substring(start).strip());
    return items;
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which stream a change goes to, as the setting {@code ROUTES} says: the stream of the first rule
 * that matches its table, or its prefix if it is a message; else the default stream. Streams have
 * numbers, the default stream 0.
 *
 * @param streams names or ARNs by number, each once
 * @param rules in the order in which they are asked
 */
public record Routes(List<String> streams, List<Rule> rules) {

  /** The most streams, the default stream included: each has its own threads and connections. */
  public static final int MAX_STREAMS = 16;

  /** The name of a stream ("CreateStream", Amazon Kinesis Data Streams API Reference). */
  public static final String STREAM_NAME = "[A-Za-z0-9_.-]{1,128}";

  /** The ARN of a stream. */
  public static final String STREAM_ARN =
      "arn:[^:]+:kinesis:[^:]+:[^:]*:stream/[A-Za-z0-9_.-]{1,128}";

  /**
   * One rule. Exactly one of the patterns is there.
   *
   * @param stream the number of the stream
   */
  public record Rule(
      @Nullable TablePatterns tables, @Nullable MessagePatterns prefix, int stream) {}

  public Routes {
    streams = List.copyOf(streams);
    rules = List.copyOf(rules);
  }

  /** All changes go to one stream. */
  public static Routes all(String stream) {
    return new Routes(List.of(stream), List.of());
  }

  /**
   * Reads rules such as {@code public.audit_*: audit; message:orders.*: events}, separated by
   * semicolons.
   *
   * @param defaultStream where everything else goes
   * @throws IllegalArgumentException naming every rule that is wrong
   */
  public static Routes parse(String setting, String defaultStream) {
    return new RoutesReader(defaultStream).read(setting);
  }

  /** The number of a table's stream. */
  int of(TableName table) {
    for (Rule rule : rules) {
      if (rule.tables != null && rule.tables.matches(table)) {
        return rule.stream;
      }
    }
    return 0;
  }

  /** The number of the stream of messages with a prefix. */
  int ofMessage(String prefix) {
    for (Rule rule : rules) {
      if (rule.prefix != null && rule.prefix.matches(prefix)) {
        return rule.stream;
      }
    }
    return 0;
  }

  /** The number of a change's stream. */
  int of(Change change) {
    TableName table = change.table();
    if (table != null) {
      return of(table);
    }
    return change instanceof Change.Message message ? ofMessage(message.prefix()) : 0;
  }
}

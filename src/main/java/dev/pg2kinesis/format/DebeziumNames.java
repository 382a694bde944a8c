package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.pg2kinesis.change.TableName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names in an event's {@code source} as JSON text. Quoting them again for each transaction
 * would cost more than the rest of a small event. For one thread.
 */
final class DebeziumNames {

  /** Messages concern no table. */
  private static final String NO_TABLE = tableFields("", "");

  private final String connector;
  private final String database;
  private final Map<TableName, String> tables = new HashMap<>();

  DebeziumNames(FormatContext context) {
    connector =
        ",\"source\":{\"version\":"
            + quoted(context.version())
            + ",\"connector\":\"postgresql\",\"name\":"
            + quoted(context.sourceName());
    database = ",\"db\":" + quoted(context.database());
  }

  /** The beginning of the source, up to the connector's name. */
  String connector() {
    return connector;
  }

  /** The field {@code db}, with the comma before it. */
  String database() {
    return database;
  }

  /** The fields {@code schema} and {@code table}, with the commas before them. */
  String table(@Nullable TableName table) {
    return table == null
        ? NO_TABLE
        : tables.computeIfAbsent(table, name -> tableFields(name.schema(), name.name()));
  }

  private static String tableFields(String schema, String table) {
    return ",\"schema\":" + quoted(schema) + ",\"table\":" + quoted(table);
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}

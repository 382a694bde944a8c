package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.Plugin;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The call of a function that decodes a slot, as SQL text: COPY takes no parameters. PostgreSQL
 * documentation, "Replication Management Functions".
 *
 * @param options the plugin's, each name followed by its value
 */
record PeekCall(String slot, Plugin plugin, List<String> options) {

  /** {@code upto_nchanges} is an {@code integer}. */
  static final long MAX_ROWS = Integer.MAX_VALUE;

  /** Peeks. */
  String upTo(Lsn position, long rows) {
    return call("peek", position, Long.toString(Math.min(rows, MAX_ROWS)));
  }

  /** Moves the slot to the end of the last record that was read. */
  String getUpTo(Lsn position) {
    return call("get", position, "NULL");
  }

  private String call(String verb, Lsn position, String rows) {
    return Stream.concat(
            Stream.of(
                SqlText.literal(slot), SqlText.literal(position.toString()) + "::pg_lsn", rows),
            options.stream().map(SqlText::literal))
        .collect(
            Collectors.joining(
                ", ",
                "pg_logical_slot_" + verb + (plugin.binary() ? "_binary_changes(" : "_changes("),
                ")"));
  }
}

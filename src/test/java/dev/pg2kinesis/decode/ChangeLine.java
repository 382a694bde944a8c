package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import org.jspecify.annotations.Nullable;

/**
 * A change in one line for tables of expectations: {@code UPDATE public.t [id] (id=1) id=2 name=~
 * note=null}, the key's names in brackets, the old row in parentheses, {@code ~} for unchanged.
 */
final class ChangeLine {

  private ChangeLine() {}

  static String of(Change change) {
    StringBuilder line = new StringBuilder(change.operation().name());
    if (change instanceof Change.RowChange row) {
      line.append(' ').append(row.table()).append(' ').append(row.key());
      String before = row(row.before());
      line.append(row.before() == null ? "" : " (" + before + ')');
      line.append(row.after() == null ? "" : ' ' + row(row.after()));
    } else if (change instanceof Change.Truncate truncate) {
      line.append(' ').append(truncate.table());
      line.append(truncate.cascade() ? " cascade" : "");
      line.append(truncate.restartIdentity() ? " restart" : "");
    } else if (change instanceof Change.Message message) {
      line.append(message.transactional() ? " in " : " alone ").append(message.prefix());
      line.append(' ').append(message.content().length);
    }
    return line.toString();
  }

  private static String row(@Nullable Row row) {
    StringBuilder columns = new StringBuilder();
    for (int i = 0; row != null && i < row.columns().size(); i++) {
      columns.append(i == 0 ? "" : " ").append(row.columns().get(i).name()).append('=');
      columns.append(value(row.values().get(i)));
    }
    return columns.toString();
  }

  private static String value(Value value) {
    if (value instanceof Value.Text text) {
      return text.text();
    }
    return value == Value.NULL ? "null" : "~";
  }
}

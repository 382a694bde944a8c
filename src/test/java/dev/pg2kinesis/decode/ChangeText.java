package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes down for comparison and for people: {@code UPDATE public.t (id) {id[integer]=1} ->
 * {id[integer]=2, note[text]=NULL}}. Texts stand in guillemets, so that none can be mistaken for
 * NULL, and control characters are visible.
 */
final class ChangeText {

  private ChangeText() {}

  static String of(Change change) {
    if (change instanceof RowChange row) {
      return row.operation() + " " + row.table() + " " + row.key() + versions(row);
    }
    if (change instanceof Truncate truncate) {
      return "TRUNCATE "
          + truncate.table()
          + (truncate.cascade() ? " cascade" : "")
          + (truncate.restartIdentity() ? " restart" : "");
    }
    Message message = (Message) change;
    return "MESSAGE "
        + (message.transactional() ? "in its transaction " : "alone ")
        + visible(message.prefix())
        + " "
        + visible(new String(message.content(), StandardCharsets.ISO_8859_1));
  }

  private static String versions(RowChange row) {
    return " " + of(row.before()) + " -> " + of(row.after());
  }

  private static String of(@Nullable Row row) {
    return row == null
        ? "-"
        : IntStream.range(0, row.columns().size())
            .mapToObj(
                i ->
                    row.columns().get(i).name()
                        + "["
                        + row.columns().get(i).type().name()
                        + "]="
                        + of(row.values().get(i)))
            .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String of(Value value) {
    if (value instanceof Value.Text text) {
      return visible(text.text());
    }
    return value.equals(Value.NULL) ? "NULL" : "UNCHANGED";
  }

  private static String visible(String text) {
    return "«" + ControlPictures.of(text) + "»";
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Text that the formats of pg2kinesis share. */
final class Pg2KinesisText {

  /** Their version and kind, at the start of each record. */
  static final String PREFIX = "0,CDC,";

  private Pg2KinesisText() {}

  /** The operation's name in the case that the slot's plugin prints. */
  static String operation(CommittedChange change, boolean wal2json) {
    String name = change.isRead() ? "READ" : change.change().operation().name();
    return wal2json ? name.toLowerCase(Locale.ROOT) : name;
  }

  /** The key's values joined by bars, or null if the change does not show its key. */
  static @Nullable String key(RowChange change) {
    List<String> values = RowKey.values(change);
    if (values == null) {
      return null;
    }
    return values.size() == 1 ? values.get(0) : String.join("|", values);
  }

  /** Appends a field, in quotes if RFC 4180 requires them. */
  static void append(StringBuilder line, String field) {
    boolean quoted = false;
    for (int i = 0; i < field.length() && !quoted; i++) {
      char c = field.charAt(i);
      quoted = c == ',' || c == '"' || c == '\n' || c == '\r';
    }
    if (quoted) {
      line.append('"').append(field.replace("\"", "\"\"")).append('"');
    } else {
      line.append(field);
    }
  }

  static void write(CharSequence text, Payload payload) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    payload.write(bytes, 0, bytes.length);
  }
}

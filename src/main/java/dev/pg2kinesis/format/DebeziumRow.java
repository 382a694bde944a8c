package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Row;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows as Debezium writes them: objects with a field for each column. */
final class DebeziumRow {

  private DebeziumRow() {}

  /** The row before the change, as far as the WAL holds it; null if it holds nothing of it. */
  static @Nullable Row before(RowChange change, boolean keyOnly) {
    Row before = change.before();
    if (before == null || before.columns().isEmpty()) {
      return null;
    }
    return keyOnly ? RowKey.of(before, change.key()) : before;
  }

  /** The row after the change, with the unchanged TOASTed values that the old row has. */
  static @Nullable Row after(RowChange change, boolean keyOnly) {
    if (change.after() == null) {
      return null;
    }
    Row after = RowKey.withUnchangedValues(change.after(), change.before());
    return keyOnly ? RowKey.of(after, change.key()) : after;
  }

  static void write(JsonGenerator json, @Nullable Row row) throws IOException {
    if (row == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    writeFields(json, row);
    json.writeEndObject();
  }

  /** Writes a field for each column into an open object. */
  static void writeFields(JsonGenerator json, Row row) throws IOException {
    for (int i = 0; i < row.columns().size(); i++) {
      json.writeFieldName(row.columns().get(i).name());
      DebeziumValue.write(json, row.columns().get(i).type(), row.values().get(i));
    }
  }

  /** {@code before} and {@code after}, into an open object. */
  static void writeImages(JsonGenerator json, @Nullable RowChange change, boolean keyOnly)
      throws IOException {
    json.writeFieldName("before");
    write(json, change == null ? null : before(change, keyOnly));
    json.writeFieldName("after");
    write(json, change == null ? null : after(change, keyOnly));
  }
}

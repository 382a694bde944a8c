package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
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

  /**
   * Writes what a change did into an open object: a message, or {@code before} and {@code after}.
   *
   * @param keyOnly whether to write only what identifies it: key columns, or a message's prefix
   */
  static void writeChange(JsonGenerator json, Change change, boolean keyOnly) throws IOException {
    if (change instanceof Message message) {
      writeMessage(json, message, keyOnly);
      return;
    }
    RowChange row = change instanceof RowChange found ? found : null;
    json.writeFieldName("before");
    write(json, row == null ? null : before(row, keyOnly));
    json.writeFieldName("after");
    write(json, row == null ? null : after(row, keyOnly));
  }

  private static void writeMessage(JsonGenerator json, Message message, boolean prefixOnly)
      throws IOException {
    json.writeObjectFieldStart("message");
    json.writeStringField("prefix", message.prefix());
    if (!prefixOnly) {
      json.writeBinaryField("content", message.content());
    }
    json.writeEndObject();
  }
}

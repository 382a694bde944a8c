package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Utf8;
import dev.pg2kinesis.change.Value;
import java.io.IOException;
import java.util.Objects;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * pg2kinesis's {@code CSVPayloadFormatter} in full-change mode: {@code 0,CDC,} and a JSON object
 * with the transaction id and the change as wal2json's format version 1 prints it.
 */
final class Pg2KinesisFullChangeFormatter implements Formatter {

  private final boolean wal2json;
  private final JsonWriter writer = new JsonWriter(JsonStyle.PYTHON);

  Pg2KinesisFullChangeFormatter(FormatContext context) {
    this.wal2json = context.wal2json();
  }

  @Override
  public boolean format(CommittedChange change, @Nullable Long oversize, Payload payload) {
    Pg2KinesisText.write(Pg2KinesisText.PREFIX, payload);
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          Pg2KinesisCsvPayloadFormatter.writeXid(json, change.commit().xid(), wal2json);
          json.writeObjectFieldStart("change");
          writeChange(json, change, oversize != null);
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          }
          json.writeEndObject();
          json.writeEndObject();
        });
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }

  private void writeChange(JsonGenerator json, CommittedChange committed, boolean keyOnly)
      throws IOException {
    Change change = committed.change();
    json.writeStringField("kind", Pg2KinesisText.operation(committed, wal2json));
    switch (change.operation()) {
      case INSERT, UPDATE, DELETE -> writeRowChange(json, (RowChange) change, keyOnly);
      case TRUNCATE -> writeTable(json, Objects.requireNonNull(change.table()));
      case MESSAGE -> writeMessage(json, (Message) change, keyOnly);
    }
  }

  private static void writeRowChange(JsonGenerator json, RowChange change, boolean keyOnly)
      throws IOException {
    writeTable(json, change.table());
    Row after = change.after();
    BiPredicate<Column, Value> inKey = (column, value) -> change.key().contains(column.name());
    if (after != null) {
      BiPredicate<Column, Value> known = (column, value) -> value != Value.UNCHANGED;
      writeColumns(json, "column", after, keyOnly ? known.and(inKey) : known);
    }
    Row old = change.before();
    if (old == null && change.operation() == Operation.UPDATE && !change.key().isEmpty()) {
      old = RowKey.of(Objects.requireNonNull(after), change.key());
    }
    if (old != null) {
      BiPredicate<Column, Value> present = (column, value) -> value instanceof Value.Text;
      json.writeObjectFieldStart("oldkeys");
      writeColumns(json, "key", old, keyOnly ? present.and(inKey) : present);
      json.writeEndObject();
    }
  }

  private static void writeTable(JsonGenerator json, TableName table) throws IOException {
    json.writeStringField("schema", table.schema());
    json.writeStringField("table", table.name());
  }

  private static void writeMessage(JsonGenerator json, Message message, boolean keyOnly)
      throws IOException {
    json.writeBooleanField("transactional", message.transactional());
    json.writeStringField("prefix", message.prefix());
    if (keyOnly) {
      return;
    }
    String text = Utf8.text(message.content());
    if (text != null) {
      json.writeStringField("content", text);
    } else {
      json.writeBinaryField("content_base64", message.content());
    }
  }

  private static void writeColumns(
      JsonGenerator json, String prefix, Row row, BiPredicate<Column, Value> include)
      throws IOException {
    json.writeArrayFieldStart(prefix + "names");
    for (int i = 0; i < row.columns().size(); i++) {
      if (include.test(row.columns().get(i), row.values().get(i))) {
        json.writeString(row.columns().get(i).name());
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart(prefix + "types");
    for (int i = 0; i < row.columns().size(); i++) {
      if (include.test(row.columns().get(i), row.values().get(i))) {
        json.writeString(row.columns().get(i).type().name());
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart(prefix + "values");
    for (int i = 0; i < row.columns().size(); i++) {
      if (include.test(row.columns().get(i), row.values().get(i))) {
        writeValue(json, row.columns().get(i).type(), row.values().get(i));
      }
    }
    json.writeEndArray();
  }

  private static void writeValue(JsonGenerator json, Type type, Value value) throws IOException {
    if (!(value instanceof Value.Text text)) {
      json.writeNull();
    } else if (PlainTypes.isNumber(type) && JsonNumber.is(text.text())) {
      json.writeNumber(text.text());
    } else if (PlainTypes.isBoolean(type)) {
      json.writeBoolean(text.text().equals("t"));
    } else if (PlainTypes.isBytes(type) && text.text().startsWith("\\x")) {
      json.writeString(text.text().substring(2));
    } else {
      json.writeString(text.text());
    }
  }
}

package dev.pg2kinesis.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Utf8;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The events of an outbox: inserted rows and messages. Deletes and truncates tidy up and have no
 * form; updates are refused.
 */
final class OutboxFormatter implements Formatter {

  private final OutboxFormat format;
  private final JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);

  OutboxFormatter(OutboxFormat format) {
    this.format = format;
  }

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    if (oversize != null && format == OutboxFormat.PAYLOAD) {
      return false; // a smaller form of it could be mistaken for a payload
    }
    switch (committed.change().operation()) {
      case INSERT ->
          writeRow(
              committed,
              OutboxRow.of(committed, (RowChange) committed.change()),
              oversize,
              payload);
      case MESSAGE -> writeMessage(committed, (Message) committed.change(), oversize, payload);
      case UPDATE ->
          throw OutboxException.updated(
              committed, Objects.requireNonNull(committed.change().table()));
      case DELETE, TRUNCATE -> {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }

  private void writeRow(
      CommittedChange committed, OutboxRow row, @Nullable Long oversize, Payload payload) {
    byte[] bytes = row.bytes();
    if (format == OutboxFormat.PAYLOAD) {
      byte[] written =
          bytes != null || row.payload() == null ? bytes : row.payload().getBytes(UTF_8);
      if (written != null) {
        payload.write(written, 0, written.length);
      }
      return;
    }
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", row.id());
          json.writeStringField("aggregatetype", row.aggregateType());
          json.writeStringField("aggregateid", row.aggregateId());
          json.writeStringField("type", row.type());
          writePlace(json, committed);
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          } else if (bytes != null) {
            writeBytes(json, bytes);
          } else {
            writeText(json, row.payload(), row.isJson());
          }
          json.writeEndObject();
        });
  }

  private void writeMessage(
      CommittedChange committed, Message message, @Nullable Long oversize, Payload payload) {
    if (format == OutboxFormat.PAYLOAD) {
      payload.write(message.content(), 0, message.content().length);
      return;
    }
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", commitLsn(committed) + ':' + order(committed));
          json.writeStringField("prefix", message.prefix());
          writePlace(json, committed);
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          } else {
            String text = Utf8.text(message.content());
            if (text == null) {
              writeBytes(json, message.content());
            } else {
              writeText(json, text, EmbeddedJson.isContainer(text));
            }
          }
          json.writeEndObject();
        });
  }

  /** When the event was committed, and its identity. */
  private static void writePlace(JsonGenerator json, CommittedChange committed) throws IOException {
    Instant time = committed.commit().time();
    json.writeStringField("time", time == null ? null : UtcTime.micros(time));
    json.writeArrayFieldStart("position");
    json.writeString(commitLsn(committed));
    json.writeNumber(order(committed));
    json.writeEndArray();
  }

  private static void writeBytes(JsonGenerator json, byte[] bytes) throws IOException {
    json.writeStringField("encoding", "base64");
    json.writeBinaryField("payload", bytes);
  }

  private static void writeText(JsonGenerator json, @Nullable String text, boolean isJson)
      throws IOException {
    json.writeFieldName("payload");
    if (text != null && isJson) {
      json.writeRawValue(EmbeddedJson.inOneLine(text));
    } else {
      json.writeString(text);
    }
  }

  private static String commitLsn(CommittedChange committed) {
    return Long.toUnsignedString(committed.commit().lsn().value());
  }

  /** The ordinal as Debezium's {@code total_order} has it, from 1; 0 for a row that was read. */
  private static long order(CommittedChange committed) {
    return committed.ordinal() + 1;
  }
}

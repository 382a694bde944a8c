package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Row;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The row alone, with what happened to it in fields that begin with two underscores: what
 * Debezium's transform {@code ExtractNewRecordState} makes of an event with {@code
 * add.fields=op,table,lsn,source.ts_ms} and {@code delete.tombstone.handling.mode=rewrite}; see
 * "New Record State Extraction" in Debezium's documentation. Truncates and messages have no row,
 * and so no form in it.
 */
final class FlatFormatter implements Formatter {

  private final JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    if (!(committed.change() instanceof RowChange change)) {
      return false;
    }
    boolean deleted = change.after() == null;
    boolean keyOnly = oversize != null;
    Row found = deleted ? DebeziumRow.before(change, keyOnly) : DebeziumRow.after(change, keyOnly);
    Row row = found == null ? Row.EMPTY : found;
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          DebeziumRow.writeFields(json, row);
          if (writeName(json, row, "__deleted")) {
            json.writeString(Boolean.toString(deleted));
          }
          if (writeName(json, row, "__op")) {
            json.writeString(committed.debeziumOperation());
          }
          if (writeName(json, row, "__table")) {
            json.writeString(change.table().name());
          }
          if (writeName(json, row, "__lsn")) {
            json.writeRawValue(change.lsn().toDecimal());
          }
          if (writeName(json, row, "__source_ts_ms")) {
            Instant time = committed.commit().time();
            json.writeRawValue(time == null ? "null" : Long.toString(time.toEpochMilli()));
          }
          if (oversize != null && writeName(json, row, "__oversize")) {
            json.writeNumber(oversize);
          }
          json.writeEndObject();
        });
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return true;
  }

  /** A column of the same name keeps it: its value is the row's. */
  private static boolean writeName(JsonGenerator json, Row row, String name) throws IOException {
    boolean free = row.value(name) == null;
    if (free) {
      json.writeFieldName(name);
    }
    return free;
  }
}

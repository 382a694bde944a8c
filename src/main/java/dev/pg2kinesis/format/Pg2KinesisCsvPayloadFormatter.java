package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.RowChange;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * pg2kinesis's {@code CSVPayloadFormatter}: {@code 0,CDC,} and a JSON object with transaction id,
 * table, operation and key. Rows without a key, truncates and messages have no form in it.
 */
final class Pg2KinesisCsvPayloadFormatter implements Formatter {

  private final boolean wal2json;
  private final JsonWriter writer = new JsonWriter(JsonStyle.PYTHON);

  Pg2KinesisCsvPayloadFormatter(FormatContext context) {
    this.wal2json = context.wal2json();
  }

  @Override
  public boolean format(CommittedChange change, @Nullable Long oversize, Payload payload) {
    // It holds nothing but the key to begin with, so there is no smaller form.
    if (oversize != null || !(change.change() instanceof RowChange row)) {
      return false;
    }
    String key = Pg2KinesisText.key(row);
    if (key == null) {
      return false;
    }
    Pg2KinesisText.write(Pg2KinesisText.PREFIX, payload);
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          writeXid(json, change.commit().xid(), wal2json);
          json.writeStringField("table", row.table().toString());
          json.writeStringField("operation", Pg2KinesisText.operation(change, wal2json));
          json.writeStringField("pkey", key);
          json.writeEndObject();
        });
    return true;
  }

  /** The transaction id: a number from wal2json slots, a string from others. */
  static void writeXid(JsonGenerator json, long xid, boolean wal2json) throws IOException {
    if (wal2json) {
      json.writeNumberField("xid", xid);
    } else {
      json.writeStringField("xid", Long.toString(xid));
    }
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }
}

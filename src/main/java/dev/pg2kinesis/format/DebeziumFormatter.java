package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.TableName;
import org.jspecify.annotations.Nullable;

/**
 * The event that Debezium's PostgreSQL connector emits with schemas disabled, in the modes {@code
 * decimal.handling.mode=string}, {@code time.precision.mode=isostring}, {@code
 * interval.handling.mode=string}, {@code binary.handling.mode=base64} and with transaction
 * metadata; see "Debezium connector for PostgreSQL" in Debezium's documentation. All times are the
 * commit's, so that the same change gives the same bytes whenever it is read.
 */
final class DebeziumFormatter implements Formatter {

  private final DebeziumNames names;
  private final JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);

  /** The envelope of the last change; the next one is often of the same transaction and table. */
  private @Nullable DebeziumEnvelope envelope;

  DebeziumFormatter(FormatContext context) {
    this.names = new DebeziumNames(context);
  }

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          DebeziumRow.writeChange(json, committed.change(), oversize != null);
          envelope(committed).write(json, committed, committed.debeziumOperation());
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          }
          json.writeEndObject();
        });
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return true;
  }

  private DebeziumEnvelope envelope(CommittedChange committed) {
    Change change = committed.change();
    boolean transactional = !(change instanceof Message message) || message.transactional();
    TableName table = change.table();
    DebeziumEnvelope last = envelope;
    if (last == null || !last.fits(committed.commit(), table, transactional, committed.isRead())) {
      last =
          new DebeziumEnvelope(names, committed.commit(), table, transactional, committed.isRead());
      envelope = last;
    }
    return last;
  }
}

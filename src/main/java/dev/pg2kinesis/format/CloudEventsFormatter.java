package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.TableName;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent in structured JSON ("CloudEvents 1.0", "JSON Event Format for CloudEvents") with the
 * attributes that Debezium's CloudEvents converter gives it, and the images of the row as its data.
 */
final class CloudEventsFormatter implements Formatter {

  private final FormatContext context;
  private final JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);

  CloudEventsFormatter(FormatContext context) {
    this.context = context;
  }

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          writeContext(json, committed);
          writeSource(json, committed);
          writeTransaction(json, committed);
          if (oversize != null) {
            json.writeStringField("oversize", Long.toString(oversize));
          }
          json.writeObjectFieldStart("data");
          DebeziumRow.writeChange(json, committed.change(), oversize != null);
          json.writeEndObject();
          json.writeEndObject();
        });
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return true;
  }

  /** The attributes that every CloudEvent has. */
  private void writeContext(JsonGenerator json, CommittedChange committed) throws IOException {
    json.writeStringField("id", id(committed));
    json.writeStringField("source", "/debezium/postgresql/" + context.sourceName());
    json.writeStringField("specversion", "1.0");
    json.writeStringField("type", "io.debezium.connector.postgresql.DataChangeEvent");
    Instant time = committed.commit().time();
    if (time != null) {
      json.writeStringField("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
    }
    json.writeStringField("datacontenttype", "application/json");
  }

  /**
   * The identity of the event, the same in each replay. The two events of a changed key differ in
   * their operation, and rows that a snapshot read in their keys.
   */
  private String id(CommittedChange committed) {
    String id = commitLsn(committed) + ':' + order(committed) + ':' + committed.debeziumOperation();
    return committed.isRead()
        ? id + ':' + PartitionKey.PRIMARY_KEY.of(committed, context.sourceName())
        : id;
  }

  /** Debezium's extension attributes, which are all strings. */
  private void writeSource(JsonGenerator json, CommittedChange committed) throws IOException {
    String lsn = committed.change().lsn().toDecimal();
    json.writeStringField("iodebeziumop", committed.debeziumOperation());
    json.writeStringField("iodebeziumversion", context.version());
    json.writeStringField("iodebeziumconnector", "postgresql");
    json.writeStringField("iodebeziumname", context.sourceName());
    Instant time = committed.commit().time();
    if (time != null) {
      json.writeStringField("iodebeziumtsms", Long.toString(time.toEpochMilli()));
    }
    json.writeStringField("iodebeziumsnapshot", committed.isRead() ? "incremental" : "false");
    json.writeStringField("iodebeziumdb", context.database());
    json.writeStringField(
        "iodebeziumsequence", "[\"" + commitLsn(committed) + "\",\"" + lsn + "\"]");
    if (time != null) {
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, time);
      json.writeStringField("iodebeziumtsus", Long.toString(micros));
      json.writeStringField("iodebeziumtsns", Long.toString(micros * 1_000));
    }
    TableName table = committed.change().table();
    if (table != null) {
      json.writeStringField("iodebeziumschema", table.schema());
      json.writeStringField("iodebeziumtable", table.name());
    }
    json.writeStringField("iodebeziumlsn", lsn);
  }

  private static void writeTransaction(JsonGenerator json, CommittedChange committed)
      throws IOException {
    if (committed.change() instanceof Message message && !message.transactional()) {
      return;
    }
    json.writeStringField("iodebeziumtxid", committed.commit().xid() + ":" + commitLsn(committed));
    json.writeStringField("iodebeziumtxtotalorder", order(committed));
    json.writeStringField(
        "iodebeziumtxdatacollectionorder", Long.toString(committed.tableOrdinal() + 1));
  }

  private static String commitLsn(CommittedChange committed) {
    return committed.commit().lsn().toDecimal();
  }

  private static String order(CommittedChange committed) {
    return Long.toString(committed.ordinal() + 1);
  }
}

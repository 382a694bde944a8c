package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.TableName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of one transaction, and writes the event that says so at its end: what
 * Debezium's connectors emit with {@code provide.transaction.metadata=true} ("Debezium connector
 * for PostgreSQL", section "Transaction metadata"), with schemas disabled. Its memory grows with
 * the tables of the transaction, and not with its changes.
 */
final class TransactionEnd {

  private static final class Count {
    private long records;
  }

  private final Commit commit;
  private final JsonWriter writer;

  /** Records by table, in the order of their first ones; messages have no table. */
  private final Map<String, Count> counts = new LinkedHashMap<>();

  private @Nullable TableName lastTable;
  private @Nullable Count last;
  private long records;

  /**
   * @param writer writes compact JSON
   */
  TransactionEnd(Commit commit, JsonWriter writer) {
    this.commit = commit;
    this.writer = writer;
  }

  /** Counts records of a table, or of messages, which have none. */
  void count(@Nullable TableName table, long more) {
    if (more == 0) {
      return;
    }
    Count count = last;
    if (count == null || !Objects.equals(lastTable, table)) {
      count = counts.computeIfAbsent(table == null ? "" : table.toString(), name -> new Count());
      last = count;
      lastTable = table;
    }
    count.records += more;
    records += more;
  }

  boolean isEmpty() {
    return records == 0;
  }

  Commit commit() {
    return commit;
  }

  /**
   * Writes the event.
   *
   * @param oversize the size that the event would have with its counts per table, which are then
   *     left out; null to write them
   */
  void write(@Nullable Long oversize, Payload payload) {
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", "END");
          json.writeStringField(
              "id", commit.xid() + ":" + Long.toUnsignedString(commit.lsn().value()));
          json.writeNumberField("event_count", records);
          if (oversize == null) {
            json.writeArrayFieldStart("data_collections");
            for (Map.Entry<String, Count> table : counts.entrySet()) {
              json.writeStartObject();
              json.writeStringField("data_collection", table.getKey());
              json.writeNumberField("event_count", table.getValue().records);
              json.writeEndObject();
            }
            json.writeEndArray();
          } else {
            json.writeNullField("data_collections");
          }
          Instant time = commit.time();
          json.writeFieldName("ts_ms");
          json.writeRawValue(time == null ? "null" : Long.toString(time.toEpochMilli()));
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          }
          json.writeEndObject();
        });
  }
}

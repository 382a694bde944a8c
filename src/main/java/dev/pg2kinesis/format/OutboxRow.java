package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of an outbox table, by the columns of Debezium's outbox event router ("Outbox Event
 * Router", section "Basic outbox table").
 *
 * @param id what consumers know a repeated event by
 * @param aggregateType the kind of thing that the event is about
 * @param aggregateId the thing itself; decides the partition key
 * @param type the kind of event
 * @param payload the event, in the text form of its type
 * @param payloadType the type of {@code payload}
 */
record OutboxRow(
    @Nullable String id,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable String type,
    @Nullable String payload,
    Type payloadType) {

  static final List<String> COLUMNS =
      List.of("id", "aggregatetype", "aggregateid", "type", "payload");

  /**
   * Reads an inserted row, or one that a snapshot read.
   *
   * @throws OutboxException if it has not all of the columns
   */
  static OutboxRow of(CommittedChange committed, RowChange insert) {
    Row row = Objects.requireNonNull(insert.after());
    List<String> missing = new ArrayList<>(COLUMNS);
    Type payloadType = null;
    for (Column column : row.columns()) {
      missing.remove(column.name());
      if (column.name().equals("payload")) {
        payloadType = column.type().base();
      }
    }
    if (payloadType == null || !missing.isEmpty()) {
      throw OutboxException.columnsMissing(committed, insert.table(), missing);
    }
    return new OutboxRow(
        text(row, "id"),
        text(row, "aggregatetype"),
        text(row, "aggregateid"),
        text(row, "type"),
        text(row, "payload"),
        payloadType);
  }

  /** An inserted row has no unchanged values, so what is not text is NULL. */
  private static @Nullable String text(Row row, String column) {
    return row.value(column) instanceof Value.Text value ? value.text() : null;
  }

  /** Whether the payload's text form is JSON. */
  boolean isJson() {
    return payloadType.name().equals("json") || payloadType.name().equals("jsonb");
  }

  /** The bytes of a payload of type {@code bytea}; null for NULL and for any other type. */
  byte @Nullable [] bytes() {
    return payload != null && payloadType.name().equals("bytea") ? Bytea.bytes(payload) : null;
  }
}

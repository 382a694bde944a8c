package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.DmsOptions.Inclusion;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The data record that AWS DMS writes to Kinesis; see "Using Amazon Kinesis Data Streams as a
 * target" in its user guide. All times are the commit's, so that the same change gives the same
 * bytes whenever it is read. Truncates and messages have no form in it.
 */
final class DmsFormatter implements Formatter {

  private static final HexFormat HEXADECIMAL = HexFormat.of().withUpperCase();

  private final DmsOptions options;
  private final JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);

  /** The table of the last change, and whether {@code KEY_COLUMNS} has it. */
  private @Nullable TableName lastTable;

  private boolean lastKeyedByColumns;

  DmsFormatter(DmsOptions options) {
    this.options = options;
  }

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    if (!(committed.change() instanceof RowChange change)) {
      return false;
    }
    boolean keyOnly = oversize != null;
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("data");
          writeRow(json, data(change), change, keyOnly);
          json.writeEndObject();
          if (options.include(Inclusion.BEFORE_IMAGE) && change.operation() == Operation.UPDATE) {
            json.writeObjectFieldStart("before-image");
            writeRow(json, change.before(), change, keyOnly);
            json.writeEndObject();
          }
          writeMetadata(json, committed, change);
          if (oversize != null) {
            json.writeNumberField("oversize", oversize);
          }
          json.writeEndObject();
        });
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }

  private static @Nullable Row data(RowChange change) {
    return change.after() == null
        ? change.before()
        : RowKey.withUnchangedValues(change.after(), change.before());
  }

  private void writeRow(JsonGenerator json, @Nullable Row found, RowChange change, boolean keyOnly)
      throws IOException {
    if (found == null) {
      return;
    }
    Row row = keyOnly ? RowKey.of(found, change.key()) : found;
    for (int i = 0; i < row.columns().size(); i++) {
      String name = row.columns().get(i).name();
      if (row.values().get(i) instanceof Value.Text text) {
        json.writeFieldName(name);
        DmsValue.write(json, row.columns().get(i).type(), text.text());
      } else if (row.values().get(i) == Value.NULL && options.include(Inclusion.NULLS)) {
        json.writeNullField(name);
      }
    }
  }

  private void writeMetadata(JsonGenerator json, CommittedChange committed, RowChange change)
      throws IOException {
    json.writeObjectFieldStart("metadata");
    String time = UtcTime.micros(Objects.requireNonNull(committed.commit().time()));
    json.writeStringField("timestamp", time);
    json.writeStringField("record-type", "data");
    json.writeStringField("operation", operation(committed));
    json.writeStringField("partition-key-type", partitionKeyType(change.table()));
    json.writeStringField("schema-name", change.table().schema());
    json.writeStringField("table-name", change.table().name());
    if (!committed.isRead()) {
      long record = committed.ordinal() + 1;
      json.writeNumberField("transaction-id", committed.commit().xid());
      json.writeNumberField("transaction-record-id", record);
      json.writeStringField("commit-timestamp", time);
      json.writeStringField(
          "stream-position",
          position(committed.commit().lsn().value())
              + '.'
              + record
              + '.'
              + position(change.lsn().value()));
    }
    json.writeEndObject();
  }

  private static String operation(CommittedChange committed) {
    return committed.isRead()
        ? "load"
        : committed.change().operation().name().toLowerCase(Locale.ROOT);
  }

  private String partitionKeyType(TableName table) {
    return switch (options.partitionKey()) {
      case PRIMARY_KEY -> keyedByColumns(table) ? "attribute-name" : "primary-key";
      case TABLE -> "schema-table";
      case TRANSACTION -> "transaction-id";
      case CONSTANT -> "constant";
    };
  }

  private boolean keyedByColumns(TableName table) {
    if (!table.equals(lastTable)) {
      lastTable = table;
      lastKeyedByColumns = !options.partition().of(table).isEmpty();
    }
    return lastKeyedByColumns;
  }

  /** An LSN with leading zeros, so that positions sort as texts. */
  private static String position(long lsn) {
    return HEXADECIMAL.toHexDigits((int) (lsn >>> Integer.SIZE))
        + '/'
        + HEXADECIMAL.toHexDigits((int) lsn);
  }
}

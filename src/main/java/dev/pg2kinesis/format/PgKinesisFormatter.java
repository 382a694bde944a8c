package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * pg_kinesis's JSON object: each column with its new and old value as test_decoding prints them.
 * Messages have no form in it.
 */
final class PgKinesisFormatter implements Formatter {

  private static final String NULL = "null";
  private static final String UNCHANGED = "unchanged-toast-datum";

  private static final SerializedString NEW = new SerializedString("new");
  private static final SerializedString OLD = new SerializedString("old");
  private static final SerializedString QUOTED = new SerializedString("q");
  private static final SerializedString TYPE = new SerializedString("t");
  private static final SerializedString VALUE = new SerializedString("v");
  private static final SerializedString TRUE = new SerializedString("true");
  private static final SerializedString FALSE = new SerializedString("false");

  private final JsonWriter writer = new JsonWriter(JsonStyle.GO);

  /** The columns last sorted, and their indexes in order; a table's rows come one after another. */
  private List<Column> sortedColumns = List.of();

  private int[] order = {};

  @Override
  public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
    Change change = committed.change();
    TableName table = change.table();
    if (table == null) {
      return false; // pg_kinesis has no form for a message
    }
    writer.write(
        payload,
        json -> {
          json.writeStartObject();
          writeTime(json, committed.commit().time());
          json.writeStringField("lsn", change.lsn().toString());
          json.writeStringField("table", table.toString());
          json.writeStringField(
              "operation", committed.isRead() ? "READ" : change.operation().name());
          json.writeObjectFieldStart("columns");
          if (change instanceof RowChange row) {
            writeColumns(json, row, oversize != null);
          }
          json.writeEndObject();
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

  private static void writeTime(JsonGenerator json, @Nullable Instant time) throws IOException {
    json.writeFieldName("time");
    if (time == null) {
      json.writeNull();
    } else {
      json.writeString(time.truncatedTo(ChronoUnit.SECONDS).toString());
    }
  }

  private void writeColumns(JsonGenerator json, RowChange change, boolean keyOnly)
      throws IOException {
    Row before = change.before();
    Row after = change.after();
    Row all = after != null ? after : Objects.requireNonNull(before);
    for (int i : order(all.columns())) {
      Column column = all.columns().get(i);
      if (keyOnly && !change.key().contains(column.name())) {
        continue;
      }
      Value now = after == null ? null : after.values().get(i);
      Value old = before == null ? null : before.value(column.name());
      writeColumn(json, column, now, old);
    }
  }

  /** An old key holds no NULLs in test_decoding, and so none here. */
  private static void writeColumn(
      JsonGenerator json, Column column, @Nullable Value now, @Nullable Value old)
      throws IOException {
    boolean oldDiffers =
        old instanceof Value.Text && (now == null || !text(column, old).equals(text(column, now)));
    if (now == null && !oldDiffers) {
      return;
    }
    json.writeObjectFieldStart(column.name());
    if (now != null) {
      writeLeaf(json, NEW, column, now);
    }
    if (oldDiffers) {
      writeLeaf(json, OLD, column, Objects.requireNonNull(old));
    }
    json.writeEndObject();
  }

  private static void writeLeaf(
      JsonGenerator json, SerializedString name, Column column, Value value) throws IOException {
    json.writeFieldName(name);
    json.writeStartObject();
    json.writeFieldName(QUOTED);
    json.writeString(quoted(column.type(), value) ? TRUE : FALSE);
    json.writeFieldName(TYPE);
    json.writeString(column.type().name());
    json.writeFieldName(VALUE);
    json.writeString(text(column, value));
    json.writeEndObject();
  }

  private static boolean quoted(Type type, Value value) {
    return value instanceof Value.Text && !PlainTypes.isNumber(type) && !PlainTypes.isBoolean(type);
  }

  private static String text(Column column, Value value) {
    if (value instanceof Value.Text text) {
      return PlainTypes.isBoolean(column.type())
          ? Boolean.toString(text.text().equals("t"))
          : text.text();
    }
    return value == Value.UNCHANGED ? UNCHANGED : NULL;
  }

  @SuppressWarnings("ReferenceEquality") // The same list has the same order; others are sorted.
  private int[] order(List<Column> columns) {
    if (columns != sortedColumns) {
      order =
          IntStream.range(0, columns.size())
              .boxed()
              .sorted(
                  Comparator.comparing(i -> columns.get(i).name(), PgKinesisFormatter::bytewise))
              .mapToInt(Integer::intValue)
              .toArray();
      sortedColumns = columns;
    }
    return order;
  }

  /** Compares as the UTF-8 bytes compare, which is by code point. */
  private static int bytewise(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Character.isSurrogate(x) == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}

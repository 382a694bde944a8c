package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes built by hand. */
final class Given {

  static final Lsn LSN = Lsn.parse("0/19C3CB0");

  static final Commit COMMIT =
      new Commit(766, Lsn.parse("0/19C3D60"), Instant.parse("2018-05-04T17:31:44.123456Z"));

  static final FormatContext TEST_DECODING =
      new FormatContext("shop", "pg2kinesis", "1.0.0", false);

  static final FormatContext WAL2JSON = new FormatContext("shop", "pg2kinesis", "1.0.0", true);

  static final FormatContext EVERYTHING =
      new FormatContext(
          "shop",
          "pg2kinesis",
          "1.0.0",
          false,
          new DmsOptions(PartitionKey.TABLE, Set.of(DmsOptions.Inclusion.values())));

  private Given() {}

  /** A column with its value, in one version of a row. */
  record Cell(Column column, Value value) {}

  static Cell cell(String name, String type, String text) {
    return new Cell(new Column(name, type), Value.of(text));
  }

  static Cell cell(String name, String type, Value value) {
    return new Cell(new Column(name, type), value);
  }

  static Row row(Cell... cells) {
    List<Column> columns = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    for (Cell cell : cells) {
      columns.add(cell.column());
      values.add(cell.value());
    }
    return new Row(columns, values);
  }

  static RowChange insert(String table, String key, Row after) {
    return change(Operation.INSERT, table, key, null, after);
  }

  static RowChange update(String table, String key, @Nullable Row before, Row after) {
    return change(Operation.UPDATE, table, key, before, after);
  }

  static RowChange delete(String table, String key, Row before) {
    return change(Operation.DELETE, table, key, before, null);
  }

  static Truncate truncate(String table) {
    return new Truncate(LSN, table(table), false, false);
  }

  static Message message(String prefix, String content) {
    return new Message(LSN, true, prefix, content.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code schema.name}, split at the first dot. */
  static TableName table(String name) {
    int dot = name.indexOf('.');
    return new TableName(name.substring(0, dot), name.substring(dot + 1));
  }

  static CommittedChange committed(Change change) {
    return new CommittedChange(COMMIT, 0, 0, change);
  }

  static String formatted(Formatter formatter, Change change) {
    Payload payload = new Payload(1 << 20);
    return formatter.format(committed(change), payload)
        ? new String(payload.toByteArray(), StandardCharsets.UTF_8)
        : "";
  }

  private static RowChange change(
      Operation operation, String table, String key, @Nullable Row before, @Nullable Row after) {
    List<String> columns = key.isEmpty() ? List.of() : Arrays.asList(key.split(","));
    return new RowChange(LSN, operation, table(table), columns, before, after);
  }
}

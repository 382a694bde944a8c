package dev.pg2kinesis.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.CommittedChange;
import dev.pg2kinesis.format.Formatter;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.Payload;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The two tables of a {@link SnapshotHistory}: their keys, and their rows as maps of texts. */
final class SnapshotRows {

  /** Stands for a value that is not in the WAL. */
  static final String UNCHANGED = "\u0000unchanged";

  static final List<TableName> TABLES =
      List.of(new TableName("public", "t"), new TableName("public", "u"));

  private static final ObjectMapper JSON = new ObjectMapper();

  private SnapshotRows() {}

  /** Makes records that {@link #tree} reads. */
  static RecordMaker records() {
    return new RecordMaker(
        new RecordMaker.Plan(
            new PlainFormatter(),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.FAIL,
            1 << 20,
            "slot"));
  }

  /** Rows as JSON objects of texts, with a mark where a value is not in the WAL. */
  private static final class PlainFormatter implements Formatter {
    @Override
    public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
      ObjectNode node = JSON.createObjectNode();
      Change change = committed.change();
      node.put("op", committed.isRead() ? "READ" : change.operation().name());
      node.put("table", String.valueOf(change.table()));
      if (change instanceof RowChange row) {
        if (row.before() != null) {
          node.set("before", JSON.valueToTree(texts(row.before())));
        }
        if (row.after() != null) {
          node.set("after", JSON.valueToTree(texts(row.after())));
        }
      }
      byte[] bytes = node.toString().getBytes(StandardCharsets.UTF_8);
      payload.write(bytes, 0, bytes.length);
      return true;
    }

    @Override
    public boolean splitsKeyChanges() {
      return true;
    }
  }

  /** The key of a read row, or of an insert. */
  static String key(StreamRecord record) {
    JsonNode node = tree(record);
    return key(node.path("table").asText(), fields(node.path("after")));
  }

  static Map<String, String> texts(Row row) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < row.columns().size(); i++) {
      Value value = row.values().get(i);
      String text = value instanceof Value.Text t ? t.text() : UNCHANGED;
      texts.put(row.columns().get(i).name(), value == Value.NULL ? "null" : text);
    }
    return texts;
  }

  static String key(String table, Map<String, String> row) {
    return table.endsWith(".t")
        ? table + ":" + row.get("id")
        : table + ":" + row.get("b") + ":" + row.get("a");
  }

  static Map<String, String> fields(JsonNode object) {
    Map<String, String> fields = new LinkedHashMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
    return fields;
  }

  static JsonNode tree(StreamRecord made) {
    return tree(new String(made.payload(), StandardCharsets.UTF_8));
  }

  static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

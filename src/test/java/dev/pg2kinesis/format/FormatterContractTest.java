package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.committed;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Utf8;
import dev.pg2kinesis.change.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every formatter does with every change. */
class FormatterContractTest {

  /** Texts that have been mistaken for something else, or broken a line. */
  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          " ",
          "null",
          "'null'",
          "NULL",
          "unchanged-toast-datum",
          "__debezium_unavailable_value",
          "a\nb\r\nc\td",
          "\"quoted\" and 'quoted' and \\",
          "table public.t: INSERT: id[integer]:1",
          "{\"kind\":\"insert\"}",
          "<a href=\"x\">&amp;</a>",
          "\u0001\u001f\u007f\u0080\u009f",
          "\u2028\u2029\ufeff\ufffd\uffff",
          "é漢字😀",
          "💩".repeat(3000),
          "x" + "💩".repeat(3000),
          "é".repeat(9000),
          "{",
          "}",
          "{a",
          "{\"a",
          "{a,}",
          "{{1},2}",
          "[0:1]=",
          "(1,2)",
          "(1,",
          "\\x0",
          "\\xzz",
          "-",
          "1.",
          "1e",
          "01",
          "-infinity",
          "NaN",
          "2024-",
          " BC",
          "9 BC",
          "12:30",
          "12:30:00+",
          "12:30:00+x",
          "+00",
          "1 year",
          "1 ",
          "1:2",
          ":: ::",
          "\"a\"=>",
          "__op",
          "__deleted",
          "\"a\"=>\"",
          "\"a\"");

  private static final List<String> TYPES =
      List.of(
          "smallint",
          "integer",
          "bigint",
          "oid",
          "real",
          "double precision",
          "numeric",
          "money",
          "boolean",
          "text",
          "character varying",
          "\"char\"",
          "bytea",
          "bit",
          "bit varying",
          "uuid",
          "json",
          "jsonb",
          "xml",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "interval",
          "inet",
          "int4range",
          "int4multirange",
          "tsvector",
          "point",
          "box",
          "public.hstore",
          "public.geometry",
          "public.geometry[]",
          "public.vector",
          "public.sparsevec",
          "public.mood",
          "public.\"Odd[] type\"",
          "integer[]",
          "text[]",
          "bytea[]",
          "timestamp with time zone[]",
          "box[]",
          "[]");

  private static final JsonFactory STRICT =
      new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final List<List<String>> KEYS =
      List.of(List.of(), List.of("id"), List.of("id", "v"), List.of("not there"));

  @ParameterizedTest
  @EnumSource
  void takesEveryChange(Format format) throws IOException {
    Formatter formatter = format.formatter(Given.TEST_DECODING);
    int formatted = 0;
    for (Change change : (Iterable<Change>) changes()::iterator) {
      byte[] first = bytes(formatter, change);
      assertThat(bytes(formatter, change)).isEqualTo(first);
      assertThat(bytes(format.formatter(Given.TEST_DECODING), change)).isEqualTo(first);
      check(format, first);
      check(format, oversize(formatter, change));
      formatted += first == null ? 0 : 1;
    }
    assertThat(formatted).isGreaterThan(1000);
  }

  @ParameterizedTest
  @EnumSource
  void keepsNullAndUnchangedApartFromTexts(Format format) {
    if (format == Format.CSV || format == Format.CSV_PAYLOAD) {
      return; // They show keys alone, which are neither.
    }
    List<Value> alike =
        List.of(
            Value.NULL,
            Value.UNCHANGED,
            Value.of("null"),
            Value.of("NULL"),
            Value.of(""),
            Value.of("unchanged-toast-datum"));
    List<String> lines =
        alike.stream()
            .map(value -> row(Operation.UPDATE, List.of("id"), null, images("text", value)))
            .map(change -> Given.formatted(format.formatter(Given.EVERYTHING), change))
            .toList();
    assertThat(lines).doesNotHaveDuplicates();
  }

  /** A record of each kind, as large as it comes: the size is known without keeping the bytes. */
  @ParameterizedTest
  @MethodSource("formatsWithValues")
  void countsWhatItDoesNotKeep(Format format) {
    Change change =
        row(
            Operation.INSERT,
            List.of("id"),
            null,
            images("text", Value.of("é😀\n".repeat(50_000))));
    Formatter formatter = format.formatter(Given.TEST_DECODING);
    Payload whole = new Payload(1 << 22);
    Payload cut = new Payload(1000);
    formatter.format(committed(change), whole);
    formatter.format(committed(change), cut);
    assertThat(cut.size()).isEqualTo(whole.size()).isEqualTo(whole.toByteArray().length);
    assertThat(cut.overflowed()).isTrue();
  }

  static Stream<Format> formatsWithValues() {
    return Stream.of(Format.values())
        .filter(format -> format != Format.CSV && format != Format.CSV_PAYLOAD);
  }

  private static void check(Format format, byte @Nullable [] payload) throws IOException {
    if (payload == null) {
      return;
    }
    String text = Objects.requireNonNull(Utf8.text(payload), "no valid UTF-8");
    assertThat(text).doesNotEndWith("\n");
    if (format == Format.CSV) {
      assertThat(text).startsWith("0,CDC,766,");
      return;
    }
    boolean ofPg2Kinesis = format == Format.CSV_PAYLOAD || format == Format.FULL_CHANGE;
    String json = ofPg2Kinesis ? text.substring(Pg2KinesisText.PREFIX.length()) : text;
    try (JsonParser parser = STRICT.createParser(json)) {
      int tokens = 0;
      while (parser.nextToken() != null) {
        tokens++;
      }
      assertThat(tokens).isPositive();
    }
    if (ofPg2Kinesis) {
      assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(json)).isTrue();
    }
    assertThat(json).doesNotContain("\n");
  }

  private static byte @Nullable [] bytes(Formatter formatter, Change change) {
    Payload payload = new Payload(1 << 20);
    boolean written = formatter.format(committed(change), payload);
    assertThat(payload.size() > 0).isEqualTo(written);
    return written ? payload.toByteArray() : null;
  }

  private static byte @Nullable [] oversize(Formatter formatter, Change change) {
    Payload payload = new Payload(1 << 20);
    return formatter.format(committed(change), 1234567L, payload) ? payload.toByteArray() : null;
  }

  /** Every operation, identity, kind of value, type and odd text. */
  private static Stream<Change> changes() {
    List<Change> changes = new ArrayList<>();
    for (String type : TYPES) {
      for (String text : ODD_TEXTS) {
        changes.add(row(Operation.INSERT, List.of("id"), null, images(type, Value.of(text))));
      }
    }
    for (List<String> key : KEYS) {
      for (Value value : List.of(Value.NULL, Value.UNCHANGED, Value.of("1"))) {
        Row row = images("integer", value);
        Row empty = new Row(List.of(), List.of());
        changes.add(row(Operation.INSERT, key, null, row));
        changes.add(row(Operation.UPDATE, key, null, row));
        changes.add(row(Operation.UPDATE, key, row, images("integer", Value.UNCHANGED)));
        changes.add(row(Operation.UPDATE, key, images("integer", Value.of("2")), row));
        changes.add(row(Operation.UPDATE, key, empty, row));
        changes.add(row(Operation.DELETE, key, row, null));
        changes.add(row(Operation.DELETE, key, empty, null));
        changes.add(row(Operation.INSERT, key, null, empty));
      }
    }
    for (String text : ODD_TEXTS) {
      TableName table = new TableName(text, text);
      changes.add(new Truncate(Given.LSN, table, true, true));
      changes.add(
          new RowChange(Given.LSN, Operation.INSERT, table, List.of(text), null, named(text)));
      changes.add(
          new RowChange(Given.LSN, Operation.DELETE, table, List.of(text), named(text), null));
      changes.add(new Message(Given.LSN, true, text, text.getBytes(StandardCharsets.UTF_8)));
      changes.add(new Message(Given.LSN, false, text, text.getBytes(StandardCharsets.UTF_16)));
    }
    return changes.stream();
  }

  private static Row named(String text) {
    return new Row(List.of(new Column(text, "text")), List.of(Value.of(text)));
  }

  private static Row images(String type, Value value) {
    return new Row(
        List.of(new Column("id", type), new Column("v", type)), List.of(Value.of("7"), value));
  }

  private static RowChange row(
      Operation operation, List<String> key, @Nullable Row before, @Nullable Row after) {
    return new RowChange(Given.LSN, operation, new TableName("public", "t"), key, before, after);
  }
}

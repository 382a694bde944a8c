package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.COMMIT;
import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.RecordMaker.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which changes are events of an outbox, and what is written of them. */
class OutboxTest {

  private static final String TABLE = "public.outbox";
  private static final Outbox OUTBOX =
      Outbox.parse("public.outbox, message:order/*").in(OutboxFormat.PAYLOAD);

  private final List<StreamRecord> published = new ArrayList<>();

  private static Row event(Type type, Value payload) {
    return new Row(
        List.of(
            new Column("id", "uuid"),
            new Column("aggregatetype", "character varying"),
            new Column("aggregateid", "character varying"),
            new Column("type", "character varying"),
            new Column("payload", type)),
        List.of(
            Value.of("0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b11"),
            Value.of("order"),
            Value.of("42"),
            Value.of("OrderPaid"),
            payload));
  }

  private static Row event(String type, String payload) {
    return event(Type.named(type), Value.of(payload));
  }

  private static Plan plan(Outbox outbox) {
    return plan(outbox, Format.DEBEZIUM, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1 << 20);
  }

  private static Plan plan(
      Outbox outbox, Format format, PartitionKey key, Oversize oversize, int maxRecordBytes) {
    return new Plan(
        format.formatter(TEST_DECODING),
        key,
        ChangeFilter.ALL,
        oversize,
        maxRecordBytes,
        "slot_a",
        outbox,
        false);
  }

  private RecordMaker publish(Plan plan, Change... changes) {
    RecordMaker records = new RecordMaker(plan);
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    for (Change change : changes) {
      transaction.accept(change, published::add);
    }
    return records;
  }

  private String text(int record) {
    return new String(published.get(record).payload(), UTF_8);
  }

  /** Of every type the text that PostgreSQL prints, and of bytea the bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          text ~ it's "q" \\ é😀
          character varying ~ plain
          json ~ {"b": 1,  "a":null}
          jsonb ~ {"a": null, "b": 1}
          xml ~ <a/>
          integer ~ 7
          """)
  void aRecordIsThePayloadAsTheTableHasIt(String type, String payload) {
    publish(plan(OUTBOX), insert(TABLE, "id", event(type, payload)));
    assertThat(text(0)).isEqualTo(payload);
    assertThat(published.get(0).partitionKey()).isEqualTo("42");
    assertThat(published.get(0).ordinal()).isZero();
  }

  @Test
  void lineBreaksOfAPayloadStay() {
    publish(plan(OUTBOX), insert(TABLE, "id", event("json", "{\n\"a\":\r\n1}")));
    assertThat(text(0)).isEqualTo("{\n\"a\":\r\n1}");
  }

  @Test
  void ofByteaItIsTheBytes() {
    Type domain = new Type.Domain("public.blob", Type.named("bytea"));
    publish(
        plan(OUTBOX),
        insert(TABLE, "id", event("bytea", "\\x00ff0a")),
        insert(TABLE, "id", event(domain, Value.of("\\x80"))),
        insert(TABLE, "id", event("bytea", "\\x")));
    assertThat(published.get(0).payload()).containsExactly(0, 0xff, 0x0a);
    assertThat(published.get(1).payload()).containsExactly(0x80);
    assertThat(published.get(2).payload()).isEmpty();
  }

  @Test
  void aNullPayloadIsAnEmptyRecordAndInAnEventItIsNull() {
    Change change = insert(TABLE, "id", event(Type.named("jsonb"), Value.NULL));
    publish(plan(OUTBOX), change);
    publish(plan(OUTBOX.in(OutboxFormat.EVENT)), change);
    assertThat(published.get(0).payload()).isEmpty();
    assertThat(text(1)).endsWith(",\"payload\":null}");
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void eventsDoNotDependOnTheFormatNorOtherChangesOnTheOutbox(Format format) {
    Change other = insert("public.t", "id", row(cell("id", "integer", "1")));
    Change greeting = message("greeting", "hi");
    Change[] all = {
      other, insert(TABLE, "id", event("jsonb", "{\"a\": 1}")), message("order/7", "x"), greeting
    };
    publish(plan(Outbox.NONE, format, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1 << 20), all);
    List<StreamRecord> without = new ArrayList<>(published);
    published.clear();
    publish(plan(OUTBOX, format, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1 << 20), all);
    assertThat(text(0)).isEqualTo(new String(without.get(0).payload(), UTF_8));
    assertThat(text(1)).isEqualTo("{\"a\": 1}");
    assertThat(text(2)).isEqualTo("x");
    assertThat(published)
        .extracting(StreamRecord::partitionKey)
        .startsWith(without.get(0).partitionKey(), "42", "message|order/7");
    if (published.size() == 4) {
      assertThat(text(3)).isEqualTo(new String(without.get(3).payload(), UTF_8));
    }
  }

  /** The examples of {@code src/docs/formats.md}. */
  @Test
  void anEventHasTheExampleOfTheDocument() throws Exception {
    Plan plan = plan(OUTBOX.in(OutboxFormat.EVENT));
    RecordMaker.Transaction transaction =
        new RecordMaker(plan)
            .begin(
                new Commit(
                    766, Lsn.parse("0/19C3CE8"), Instant.parse("2026-01-02T03:04:05.678901Z")));
    transaction.accept(
        insert(TABLE, "id", event("jsonb", "{\"order\": 42, \"paid\": true}")), published::add);
    transaction.accept(message("order/42", "{\"event\":\"paid\",\"order\":42}"), published::add);
    assertThat(Files.readAllLines(Path.of("src/docs/formats.md"))).contains(text(0), text(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          json ~ {"b": 1,  "a":1.0} ~ "payload":{"b": 1,  "a":1.0}
          json ~ "text" ~ "payload":"text"
          jsonb ~ null ~ "payload":null
          jsonb ~ [1, 2] ~ "payload":[1, 2]
          text ~ {"a":1} ~ "payload":"{\\"a\\":1}"
          bytea ~ \\x00ff ~ "encoding":"base64","payload":"AP8="
          bytea ~ \\x ~ "encoding":"base64","payload":""
          integer ~ 7 ~ "payload":"7"
          """)
  void inAnEventJsonIsNestedAndBytesAreBase64(String type, String payload, String expected) {
    publish(plan(OUTBOX.in(OutboxFormat.EVENT)), insert(TABLE, "id", event(type, payload)));
    assertThat(text(0))
        .startsWith("{\"id\":\"0f0c1f30-2d64-4b64-a1a3-0d1d0f5a7b11\",\"aggregatetype\":\"order\"")
        .endsWith(",\"position\":[\"27016544\",1]," + expected + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":[1,{}]} ~ {"a":[1,{}]}
          [] ~ []
          7 ~ "7"
          null ~ "null"
          "x" ~ "\\"x\\""
          {"a":1 ~ "{\\"a\\":1"
          {"a":01} ~ "{\\"a\\":01}"
          {} {} ~ "{} {}"
          {a:1} ~ "{a:1}"
          {}} ~ "{}}"
          é ~ "é"
          `` ~ ""
          """)
  void aMessagesContentIsNestedIfItIsAJsonObjectOrArray(String content, String expected) {
    publish(plan(OUTBOX.in(OutboxFormat.EVENT)), message("order/42", content));
    assertThat(text(0))
        .isEqualTo(
            "{\"id\":\"27016544:1\",\"prefix\":\"order/42\",\"time\":\"2018-05-04T17:31:44.123456Z\","
                + "\"position\":[\"27016544\",1],\"payload\":"
                + expected
                + "}");
  }

  @Test
  void aMessageThatIsNoTextIsBase64AndWithoutATransactionHasNoTime() {
    RecordMaker records = new RecordMaker(plan(OUTBOX.in(OutboxFormat.EVENT)));
    records
        .begin(new Commit(0, Lsn.parse("0/10"), null))
        .accept(
            new Message(Lsn.parse("0/10"), false, "order/1", new byte[] {0, (byte) 0xff}),
            published::add);
    assertThat(text(0))
        .isEqualTo(
            "{\"id\":\"16:1\",\"prefix\":\"order/1\",\"time\":null,\"position\":[\"16\",1],"
                + "\"encoding\":\"base64\",\"payload\":\"AP8=\"}");
  }

  /** So that a record of several events can be split at line breaks. */
  @Test
  void anEventIsOneLine() {
    publish(
        plan(OUTBOX.in(OutboxFormat.EVENT)),
        insert(TABLE, "id", event("json", "{\n\"a\":\r\n\t\"x\\n\"}")),
        insert(TABLE, "id", event("text", "a\r\nb")),
        message("order/1", "[\n1\r\n]"),
        message("order/1", "a\nb"));
    assertThat(text(0)).endsWith("\"payload\":{ \"a\":  \t\"x\\n\"}}");
    assertThat(published)
        .hasSize(4)
        .allSatisfy(
            event -> assertThat(new String(event.payload(), UTF_8)).doesNotContain("\n", "\r"));
  }

  @Test
  void deletesAndTruncatesAreCountedAndNotPublished() {
    Row event = event("text", "x");
    RecordMaker records =
        publish(
            plan(OUTBOX),
            insert(TABLE, "id", event),
            delete(TABLE, "id", event),
            truncate(TABLE),
            insert("public.t", "", row()));
    assertThat(published).hasSize(2);
    assertThat(published.get(1).ordinal()).isEqualTo(3);
    assertThat(records.changes()).isEqualTo(4);
    assertThat(records.filtered()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void anUpdateStopsTheRunAlsoWhereItChangesTheKey(Format format) {
    Row before = event("text", "secret");
    List<Value> values = new ArrayList<>(before.values());
    values.set(0, Value.of("another"));
    Row after = new Row(before.columns(), values);
    for (RowChange change :
        List.of(
            update(TABLE, "id", null, before),
            update(TABLE, "id", before, after),
            update(TABLE, "", before, row()))) {
      assertThatThrownBy(
              () ->
                  publish(
                      plan(OUTBOX, format, PartitionKey.PRIMARY_KEY, Oversize.MARKER, 1 << 20),
                      insert(TABLE, "id", before),
                      change))
          .isInstanceOf(OutboxException.class)
          .hasMessageStartingWith("OUTBOX_UPDATED: ")
          .hasMessageContainingAll(TABLE, "0/19C3D60", "ordinal 1", "OPERATIONS", "\"skip\"")
          .hasMessageNotContaining("secret");
    }
    assertThat(published).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "aggregatetype", "aggregateid", "type", "payload"})
  void aMissingColumnIsNamed(String column) {
    Row all = event("text", "secret");
    int missing = all.columns().stream().map(Column::name).toList().indexOf(column);
    List<Column> columns = new ArrayList<>(all.columns());
    List<Value> values = new ArrayList<>(all.values());
    columns.remove(missing);
    values.remove(missing);
    RowChange change = insert(TABLE, "", new Row(columns, values));
    for (OutboxFormat format : OutboxFormat.values()) {
      assertThatThrownBy(() -> publish(plan(OUTBOX.in(format)), change))
          .isInstanceOf(OutboxException.class)
          .hasMessageStartingWith(
              "OUTBOX_COLUMNS_MISSING: the table public.outbox, which OUTBOX names, has no column "
                  + column
                  + " in the transaction that commits at 0/19C3D60.")
          .hasMessageNotContaining("secret");
      assertThatThrownBy(() -> new RecordMaker(plan(OUTBOX.in(format))).read(COMMIT, change))
          .hasMessageContaining(" in the row that a snapshot read.");
    }
  }

  @Test
  void allMissingColumnsAreNamedAtOnce() {
    assertThatThrownBy(
            () -> publish(plan(OUTBOX), insert(TABLE, "id", row(cell("id", "integer", "1")))))
        .hasMessageContaining("has no column aggregatetype, aggregateid, type, payload in");
  }

  @ParameterizedTest
  @CsvSource({"PRIMARY_KEY,42", "TABLE,public.outbox", "TRANSACTION,766", "CONSTANT,slot_a"})
  void theAggregateTakesThePlaceOfTheRowInThePartitionKey(PartitionKey key, String expected) {
    publish(
        plan(OUTBOX, Format.CSV, key, Oversize.FAIL, 1 << 20),
        insert(TABLE, "id", event("text", "x")));
    assertThat(published.get(0).partitionKey()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NULL", "long", "a|b.c\\d"})
  void anyAggregateIdMakesAPartitionKey(String id) {
    Row event = event("text", "x");
    List<Value> values = new ArrayList<>(event.values());
    values.set(
        2, id.equals("NULL") ? Value.NULL : Value.of(id.equals("long") ? "é".repeat(300) : id));
    publish(plan(OUTBOX), insert(TABLE, "id", new Row(event.columns(), values)));
    assertThat(published.get(0).partitionKey())
        .satisfies(
            key -> {
              switch (id) {
                case "", "NULL" -> assertThat(key).isEqualTo(TABLE);
                case "long" -> assertThat(key).startsWith("éé").contains("#").hasSize(256);
                default -> assertThat(key).isEqualTo(id);
              }
            });
  }

  @Test
  void filtersComeFirst() {
    Plan plan =
        new Plan(
            Format.DEBEZIUM.formatter(TEST_DECODING),
            PartitionKey.PRIMARY_KEY,
            new ChangeFilter(
                TablePatterns.parse("*"), TablePatterns.NONE, EnumSet.of(Operation.INSERT)),
            Oversize.FAIL,
            1 << 20,
            "slot_a",
            OUTBOX,
            false);
    Row event = event("text", "x");
    RecordMaker records =
        publish(
            plan,
            update(TABLE, "id", null, event),
            insert(TABLE, "id", event),
            message("order/1", "x"));
    assertThat(published).hasSize(1);
    assertThat(records.filtered()).isEqualTo(2);
  }

  @Test
  void aPayloadThatIsTooLargeFailsAndAnEventHasAMarker() {
    Change change = insert(TABLE, "id", event("text", "secret".repeat(500)));
    Change large = message("order/1", "secret".repeat(500));
    for (Change each : List.of(change, large)) {
      assertThatThrownBy(
              () ->
                  publish(
                      plan(OUTBOX, Format.CSV, PartitionKey.PRIMARY_KEY, Oversize.MARKER, 1000),
                      each))
          .isInstanceOf(OversizeException.class)
          .hasMessageNotContaining("secret");
      assertThatThrownBy(
              () ->
                  publish(
                      plan(
                          OUTBOX.in(OutboxFormat.EVENT),
                          Format.CSV,
                          PartitionKey.PRIMARY_KEY,
                          Oversize.FAIL,
                          1000),
                      each))
          .isInstanceOf(OversizeException.class);
    }
    RecordMaker records =
        publish(
            plan(
                OUTBOX.in(OutboxFormat.EVENT),
                Format.CSV,
                PartitionKey.PRIMARY_KEY,
                Oversize.MARKER,
                1000),
            change,
            large);
    assertThat(records.oversized()).isEqualTo(2);
    assertThat(text(0))
        .matches(
            ".*\"aggregateid\":\"42\",.*\"position\":\\[\"27016544\",1],\"oversize\":3\\d\\d\\d}");
    assertThat(text(1)).matches(".*\"prefix\":\"order/1\",.*\"oversize\":3\\d\\d\\d}");
    assertThat(published.get(0).partitionKey()).isEqualTo("42");
  }

  @Test
  void aRowThatASnapshotReadIsAnEventToo() {
    RowChange read = insert(TABLE, "id", event("jsonb", "{}"));
    StreamRecord payload = Objects.requireNonNull(new RecordMaker(plan(OUTBOX)).read(COMMIT, read));
    StreamRecord event =
        Objects.requireNonNull(
            new RecordMaker(plan(OUTBOX.in(OutboxFormat.EVENT))).read(COMMIT, read));
    assertThat(new String(payload.payload(), UTF_8)).isEqualTo("{}");
    assertThat(payload.partitionKey()).isEqualTo("42");
    assertThat(payload.ordinal()).isEqualTo(CommittedChange.READ_ORDINAL);
    assertThat(new String(event.payload(), UTF_8)).contains("\"position\":[\"27016544\",0]");
  }

  private static boolean matches(String setting, @Nullable String table, String prefix) {
    Outbox outbox = Outbox.parse(setting);
    return table == null
        ? outbox.messages().matches(prefix)
        : outbox.tables().matches(Given.table(table));
  }

  @Test
  void patternsMayBeSeveralAndMixed() {
    String setting = "public.outbox , message:order/* ,\"Odd, table\".t,message:\"a*,\"\"b\"?";
    assertThat(matches(setting, "public.outbox", "")).isTrue();
    assertThat(matches(setting, "other.outbox", "")).isFalse();
    assertThat(matches(setting, "Odd, table.t", "")).isTrue();
    assertThat(matches(setting, null, "order/")).isTrue();
    assertThat(matches(setting, null, "order/4\n2")).isTrue();
    assertThat(matches(setting, null, "Order/42")).isFalse();
    assertThat(matches(setting, null, "an order/42")).isFalse();
    assertThat(matches(setting, null, "a*,\"bc")).isTrue();
    assertThat(matches(setting, null, "ax,\"bc")).isFalse();
    assertThat(matches("message:*", "public.message", "")).isFalse();
    assertThat(matches("message:*", null, "")).isTrue();
    assertThat(matches("message:\"\"", null, "")).isTrue();
    assertThat(matches("message:A.b+(c)", null, "A.b+(c)")).isTrue();
    assertThat(matches("outbox_*", "any.outbox_2", "")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ",", "public.outbox,", "a.b.c", "out[box]", "message:", "message:\"a"})
  void aSettingThatIsNoListOfPatternsSaysWhatWasExpected(String setting) {
    assertThatThrownBy(() -> Outbox.parse(setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected ");
  }
}

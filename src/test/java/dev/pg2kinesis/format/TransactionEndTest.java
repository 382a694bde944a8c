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
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.format.RecordMaker.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The event after a transaction: what it counts, and where it goes. */
class TransactionEndTest {

  private static final Row ONE = row(cell("id", "integer", "1"), cell("v", "text", "x"));
  private static final Row TWO = row(cell("id", "integer", "2"), cell("v", "text", "x"));
  private static final Row EVENT =
      row(
          cell("id", "uuid", "e"),
          cell("aggregatetype", "text", "order"),
          cell("aggregateid", "text", "42"),
          cell("type", "text", "paid"),
          cell("payload", "text", "p"));

  /** Everything that is counted in a way of its own. */
  private static final Change[] CHANGES = {
    insert("public.a", "id", ONE),
    insert("b.\"x", "id", ONE),
    update("public.a", "id", ONE, TWO),
    delete("public.a", "id", TWO),
    insert("public.hidden", "id", ONE),
    truncate("b.\"x"),
    insert("public.outbox", "id", EVENT),
    delete("public.outbox", "id", EVENT),
    message("p", "c"),
    insert("public.a", "id", ONE)
  };

  private final List<StreamRecord> published = new ArrayList<>();

  private static Plan plan(
      Format format, PartitionKey key, Oversize oversize, int maxRecordBytes, boolean events) {
    return new Plan(
        format.formatter(TEST_DECODING),
        key,
        new ChangeFilter(
            TablePatterns.parse("*"),
            TablePatterns.parse("hidden"),
            EnumSet.allOf(Operation.class)),
        oversize,
        maxRecordBytes,
        "slot_a",
        Outbox.parse("public.outbox"),
        events);
  }

  private static Plan plan(Format format) {
    return plan(format, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1 << 20, true);
  }

  private RecordMaker publish(Plan plan, Commit commit, Change... changes) {
    RecordMaker records = new RecordMaker(plan);
    RecordMaker.Transaction transaction = records.begin(commit);
    for (Change change : changes) {
      transaction.accept(change, published::add);
    }
    transaction.end(published::add);
    return records;
  }

  private String last() {
    return new String(published.get(published.size() - 1).payload(), UTF_8);
  }

  private static String end(int records, String tables) {
    return "{\"status\":\"END\",\"id\":\"766:27016544\",\"event_count\":"
        + records
        + ",\"data_collections\":["
        + tables
        + "],\"ts_ms\":1525455104123}";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          DEBEZIUM ~ 9 ~ public.a=5,b.\\"x=2,public.outbox=1,=1
          CLOUDEVENTS ~ 9 ~ public.a=5,b.\\"x=2,public.outbox=1,=1
          FLAT ~ 7 ~ public.a=5,b.\\"x=1,public.outbox=1
          DMS ~ 6 ~ public.a=4,b.\\"x=1,public.outbox=1
          FULL_CHANGE ~ 8 ~ public.a=4,b.\\"x=2,public.outbox=1,=1
          PG_KINESIS ~ 7 ~ public.a=4,b.\\"x=2,public.outbox=1
          CSV ~ 6 ~ public.a=4,b.\\"x=1,public.outbox=1
          CSV_PAYLOAD ~ 6 ~ public.a=4,b.\\"x=1,public.outbox=1
          """)
  void countsTheRecordsThatWereMade(Format format, int records, String tables) {
    publish(plan(format), COMMIT, CHANGES);
    StringBuilder expected = new StringBuilder();
    for (String table : tables.split(",", -1)) {
      int at = table.lastIndexOf('=');
      expected
          .append(expected.isEmpty() ? "" : ",")
          .append("{\"data_collection\":\"")
          .append(table, 0, at)
          .append("\",\"event_count\":")
          .append(table.substring(at + 1))
          .append('}');
    }
    assertThat(last()).isEqualTo(end(records, expected.toString()));
    assertThat(published).hasSize(records + 1);
    StreamRecord end = published.get(records);
    assertThat(end.commitLsn()).isEqualTo(COMMIT.lsn());
    assertThat(end.ordinal()).isEqualTo(CHANGES.length);
    assertThat(end.partitionKey()).isEqualTo("766");
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void nothingElseChangesAndAReplayHasTheSameBytes(Format format) {
    publish(plan(format), COMMIT, CHANGES);
    List<String> with = texts();
    publish(plan(format), COMMIT, CHANGES);
    assertThat(texts()).isEqualTo(with);
    publish(plan(format, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1 << 20, false), COMMIT, CHANGES);
    assertThat(texts()).isEqualTo(with.subList(0, with.size() - 1));
  }

  private List<String> texts() {
    List<String> texts =
        published.stream()
            .map(r -> r.partitionKey() + " " + r.ordinal() + " " + new String(r.payload(), UTF_8))
            .toList();
    published.clear();
    return texts;
  }

  /** The example of {@code src/docs/formats.md}. */
  @Test
  void hasTheExampleOfTheDocument() throws Exception {
    Row hello = row(cell("id", "integer", "1"), cell("name", "text", "Hello"));
    publish(
        plan(Format.DEBEZIUM),
        new Commit(766, Lsn.parse("0/19C3CE8"), Instant.parse("2026-01-02T03:04:05.678901Z")),
        insert("public.plain", "id", hello),
        insert("public.other", "id", hello),
        insert("public.plain", "id", hello));
    assertThat(Files.readAllLines(Path.of("src/docs/formats.md"))).contains(last());
  }

  @Test
  void aTransactionThatPublishedNothingHasNoEvent() {
    publish(plan(Format.DEBEZIUM), COMMIT);
    publish(plan(Format.DEBEZIUM), COMMIT, insert("public.hidden", "id", ONE));
    publish(plan(Format.CSV), COMMIT, message("p", "c"), truncate("public.t"));
    assertThat(published).isEmpty();
  }

  @Test
  void aMessageOutsideAnyTransactionHasNoEvent() {
    publish(
        plan(Format.DEBEZIUM),
        new Commit(0, Lsn.parse("0/10"), null),
        new Message(Lsn.parse("0/10"), false, "p", new byte[0]));
    assertThat(published).hasSize(1);
    assertThat(last()).contains("\"op\":\"m\"");
  }

  @Test
  void rowsThatASnapshotReadAreNoPartOfATransaction() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM));
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    transaction.accept(insert("public.a", "id", ONE), published::add);
    assertThat(records.read(COMMIT, insert("public.a", "id", TWO))).isNotNull();
    transaction.end(published::add);
    assertThat(last()).contains("\"event_count\":1,");
  }

  @ParameterizedTest
  @CsvSource({"PRIMARY_KEY,766", "TABLE,766", "TRANSACTION,766", "CONSTANT,slot_a"})
  void itsPartitionKeyIsTheTransactionUnlessEverythingHasOne(PartitionKey key, String expected) {
    publish(
        plan(Format.CSV, key, Oversize.FAIL, 1 << 20, true), COMMIT, insert("public.a", "id", ONE));
    assertThat(published.get(1).partitionKey()).isEqualTo(expected);
  }

  /** Its size grows with the tables, so a stream may not take it. */
  @Test
  void ofVeryManyTablesItMayBeTooLarge() {
    Change[] changes = new Change[2000];
    for (int i = 0; i < changes.length; i++) {
      changes[i] = insert("tenant_" + i + ".orders", "id", ONE);
    }
    assertThatThrownBy(
            () ->
                publish(
                    plan(Format.CSV, PartitionKey.PRIMARY_KEY, Oversize.FAIL, 1000, true),
                    COMMIT,
                    changes))
        .isInstanceOf(OversizeException.class)
        .hasMessageMatching(
            "RECORD_TOO_LARGE: the END event of the transaction that commits at 0/19C3D60 makes a"
                + " record of \\d{6} bytes, and the stream takes 1000\\..*TRANSACTION_EVENTS.*");
    published.clear();
    RecordMaker records =
        publish(
            plan(Format.CSV, PartitionKey.PRIMARY_KEY, Oversize.MARKER, 1000, true),
            COMMIT,
            changes);
    assertThat(published).hasSize(2001);
    assertThat(last())
        .matches(
            "\\{\"status\":\"END\",\"id\":\"766:27016544\",\"event_count\":2000,"
                + "\"data_collections\":null,\"ts_ms\":1525455104123,\"oversize\":\\d{6}}");
    assertThat(records.oversized()).isEqualTo(1);
  }
}
